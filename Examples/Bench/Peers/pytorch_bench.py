"""PyTorch's side of example-bench: channels_last, eager or compiled, synthetic images that stay where they are."""

import peer

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    peer.fail(f"this Python has no PyTorch ({error}): python -m pip install torch==2.13.0")


class ConvNorm(nn.Module):
    """A convolution without bias, normalised."""

    def __init__(self, inputs, outputs, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, padding=(size - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.003)

    def forward(self, x):
        return self.norm(self.conv(x))


class TutorialUnit(nn.Module):
    """The residual unit of TensorFlow's CIFAR-10 tutorial: shortcuts are pooled and padded."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = ConvNorm(inputs, outputs, 3, stride)
        self.second = ConvNorm(outputs, outputs, 3)
        self.stride = stride
        self.missing = (outputs - inputs) // 2

    def forward(self, x):
        y = self.second(F.relu(self.first(x)))
        if self.missing:
            x = F.pad(F.avg_pool2d(x, self.stride), (0, 0, 0, 0, self.missing, self.missing))
        return F.relu(y + x)


class BasicUnit(nn.Module):
    def __init__(self, inputs, filters, stride, projects):
        super().__init__()
        self.first = ConvNorm(inputs, filters, 3, stride)
        self.second = ConvNorm(filters, filters, 3)
        self.shortcut = ConvNorm(inputs, filters, 1, stride) if projects else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class BottleneckUnit(nn.Module):
    def __init__(self, inputs, filters, stride, projects):
        super().__init__()
        self.first = ConvNorm(inputs, filters, 1)
        self.second = ConvNorm(filters, filters, 3, stride)
        self.third = ConvNorm(filters, 4 * filters, 1)
        self.shortcut = ConvNorm(inputs, 4 * filters, 1, stride) if projects else nn.Identity()

    def forward(self, x):
        y = F.relu(self.second(F.relu(self.first(x))))
        return F.relu(self.third(y) + self.shortcut(x))


class CifarNetwork(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.stem = ConvNorm(3, 16, 3)
        units = []
        channels = 16
        for stage, count in enumerate(blocks):
            for block in range(count):
                units.append(TutorialUnit(channels, 16 << stage, 2 if stage > 0 and block == 0 else 1))
                channels = 16 << stage
        self.units = nn.Sequential(*units)
        self.dense = nn.Linear(channels, 11)

    def forward(self, x):
        y = self.units(F.relu(self.stem(x / 128 - 1)))
        return self.dense(y.mean((2, 3)))


class ImagenetNetwork(nn.Module):
    def __init__(self, blocks, has_bottlenecks):
        super().__init__()
        self.stem = ConvNorm(3, 64, 7, 2)
        unit, widening = (BottleneckUnit, 4) if has_bottlenecks else (BasicUnit, 1)
        units = []
        channels = 64
        for stage, count in enumerate(blocks):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                units.append(unit(channels, 64 << stage, stride, projects=block == 0))
                channels = (64 << stage) * widening
        self.units = nn.Sequential(*units)
        self.dense = nn.Linear(channels, 1001)

    def forward(self, x):
        y = F.max_pool2d(F.relu(self.stem(x)), 3, 2, padding=1)
        return self.dense(self.units(y).mean((2, 3)))


def network_of(options):
    """Returns the network, channels last."""
    blocks, is_for_cifar = peer.blocks_of(options.model)
    if is_for_cifar:
        network = CifarNetwork(blocks)
    else:
        network = ImagenetNetwork(blocks, peer.has_bottlenecks(options.model))
    return network.to(memory_format=torch.channels_last)


def training_step(options, network, images):
    """Returns a function that makes a training step."""
    labels = torch.arange(options.batch) % 10
    # Weight decay in the optimizer does the same as l2 losses, faster.
    if options.optimizer == "adam":
        optimizer = torch.optim.Adam(network.parameters(), lr=0.001, weight_decay=2e-4)
    else:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=2e-4)
    forward = torch.compile(network) if options.compile else network

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(forward(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference_step(options, network, images):
    """Returns a function that computes the probabilities of the classes."""
    network.eval()
    forward = torch.compile(network) if options.compile else network

    def step():
        with torch.inference_mode():
            return F.softmax(forward(images), dim=1)

    return step


def scalar_step():
    y = torch.tensor(1.0)
    for _ in range(50):
        y = y * 0.999 + 0.001
    return y.item()


def main():
    options = peer.arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    name = f"pytorch {torch.__version__}" + (" compiled" if options.compile else "")
    if options.workload == "graph-build":
        peer.fail("PyTorch builds no graphs: compare graph-build with tensorflow")
    if options.workload == "dispatch":
        peer.serve(name, torch.compile(scalar_step) if options.compile else scalar_step)
        return
    network = network_of(options)
    images = torch.randint(0, 256, (options.batch, 3, options.size, options.size)).float()
    images = images.contiguous(memory_format=torch.channels_last)
    make_step = training_step if options.workload == "train" else inference_step
    peer.serve(name, make_step(options, network, images))


if __name__ == "__main__":
    main()
