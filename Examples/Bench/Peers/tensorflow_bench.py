"""TensorFlow's side of example-bench: graph mode with oneDNN, synthetic images that stay where they are."""

import os

import peer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
try:
    import numpy as np
    import tensorflow as tf
except ImportError as error:
    peer.fail(f"this Python has no TensorFlow ({error}): python -m pip install tensorflow-cpu==2.15.1")

v1 = tf.compat.v1
v1.disable_eager_execution()


class Network:
    """The residual networks of TensorFlow's CIFAR-10 tutorial and of its official models, version 1."""

    def __init__(self, is_training):
        self.is_training = is_training
        self.updates = []
        self.count = 0

    def variable(self, shape, initializer, trainable=True):
        self.count += 1
        return v1.get_variable(f"v{self.count}", shape, tf.float32, initializer=initializer, trainable=trainable)

    def conv(self, x, filters, size, stride=1):
        shape = [size, size, x.shape[3], filters]
        kernel = self.variable(shape, v1.initializers.variance_scaling())
        padding = "SAME"
        if stride > 1:
            before = (size - 1) // 2
            after = size - 1 - before
            x = tf.pad(x, [[0, 0], [before, after], [before, after], [0, 0]])
            padding = "VALID"
        return tf.nn.conv2d(x, kernel, strides=stride, padding=padding)

    def norm(self, x, momentum=0.997, epsilon=1e-5):
        channels = [x.shape[3]]
        gamma = self.variable(channels, v1.ones_initializer())
        beta = self.variable(channels, v1.zeros_initializer())
        mean = self.variable(channels, v1.zeros_initializer(), trainable=False)
        variance = self.variable(channels, v1.ones_initializer(), trainable=False)
        if not self.is_training:
            return v1.nn.fused_batch_norm(
                x, gamma, beta, mean=mean, variance=variance, epsilon=epsilon, is_training=False
            )[0]
        y, batch_mean, batch_variance = v1.nn.fused_batch_norm(x, gamma, beta, epsilon=epsilon)
        for moving, batch in [(mean, batch_mean), (variance, batch_variance)]:
            self.updates.append(v1.assign_sub(moving, (moving - batch) * (1 - momentum)))
        return y

    def dense(self, x, units):
        kernel = self.variable([x.shape[1], units], v1.glorot_uniform_initializer())
        bias = self.variable([units], v1.zeros_initializer())
        return tf.nn.bias_add(tf.matmul(x, kernel), bias)

    def cifar(self, x, blocks):
        y = tf.nn.relu(self.norm(self.conv(x / 128 - 1, 16, 3)))
        for stage, count in enumerate(blocks):
            for block in range(count):
                y = self.tutorial_unit(y, 16 << stage, 2 if stage > 0 and block == 0 else 1)
        return self.dense(tf.reduce_mean(y, [1, 2]), 11)

    def tutorial_unit(self, x, filters, stride):
        y = tf.nn.relu(self.norm(self.conv(x, filters, 3, stride)))
        y = self.norm(self.conv(y, filters, 3))
        if x.shape[3] != filters:
            missing = (filters - x.shape[3]) // 2
            x = tf.nn.avg_pool2d(x, stride, stride, "SAME")
            x = tf.pad(x, [[0, 0], [0, 0], [0, 0], [missing, missing]])
        return tf.nn.relu(y + x)

    def imagenet(self, x, blocks, has_bottlenecks):
        y = tf.nn.relu(self.norm(self.conv(x, 64, 7, 2)))
        y = tf.nn.max_pool2d(y, 3, 2, "SAME")
        unit = self.bottleneck_unit if has_bottlenecks else self.basic_unit
        for stage, count in enumerate(blocks):
            for block in range(count):
                y = unit(y, 64 << stage, 2 if stage > 0 and block == 0 else 1, projects=block == 0)
        return self.dense(tf.reduce_mean(y, [1, 2]), 1001)

    def basic_unit(self, x, filters, stride, projects):
        shortcut = self.norm(self.conv(x, filters, 1, stride)) if projects else x
        y = tf.nn.relu(self.norm(self.conv(x, filters, 3, stride)))
        return tf.nn.relu(self.norm(self.conv(y, filters, 3)) + shortcut)

    def bottleneck_unit(self, x, filters, stride, projects):
        shortcut = self.norm(self.conv(x, 4 * filters, 1, stride)) if projects else x
        y = tf.nn.relu(self.norm(self.conv(x, filters, 1)))
        y = tf.nn.relu(self.norm(self.conv(y, filters, 3, stride)))
        return tf.nn.relu(self.norm(self.conv(y, 4 * filters, 1)) + shortcut)


def build(options, images, labels):
    """Builds a step in the default graph, and returns what to run."""
    network = Network(is_training=options.workload != "infer")
    blocks, is_for_cifar = peer.blocks_of(options.model)
    if is_for_cifar:
        logits = network.cifar(images, blocks)
    else:
        logits = network.imagenet(images, blocks, peer.has_bottlenecks(options.model))
    if not network.is_training:
        return tf.nn.softmax(logits)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    decay = tf.add_n([tf.nn.l2_loss(variable) for variable in v1.trainable_variables()])
    loss = tf.reduce_mean(losses) + 2e-4 * decay
    if options.optimizer == "adam":
        optimizer = v1.train.AdamOptimizer(0.001)
    else:
        optimizer = v1.train.MomentumOptimizer(0.01, 0.9)
    applied = optimizer.minimize(loss, global_step=v1.train.get_or_create_global_step())
    return loss, tf.group(applied, *network.updates)


def resident(values):
    """Returns a variable that holds these values and is not trained."""
    return v1.get_local_variable(f"resident{values.ndim}", initializer=values, use_resource=True)


def network_step(options):
    shape = (options.batch, options.size, options.size, 3)
    images = resident(np.random.default_rng(1).integers(0, 256, shape).astype(np.float32))
    labels = resident((np.arange(options.batch) % 10).astype(np.int32))
    return build(options, images, labels), None


def scalar_step():
    x = v1.placeholder(tf.float32, [])
    y = x
    for _ in range(50):
        y = y * 0.999 + 0.001
    return y, {x: 1.0}


def graph_step(options):
    with tf.Graph().as_default():
        images = v1.placeholder(tf.float32, [options.batch, options.size, options.size, 3])
        labels = v1.placeholder(tf.int32, [options.batch])
        build(options, images, labels)


def main():
    options = peer.arguments()
    name = f"tensorflow {tf.__version__}"
    if options.workload == "graph-build":
        peer.serve(name, lambda: graph_step(options))
        return
    fetches, feeds = scalar_step() if options.workload == "dispatch" else network_step(options)
    config = v1.ConfigProto(
        intra_op_parallelism_threads=options.threads, inter_op_parallelism_threads=options.threads
    )
    with v1.Session(config=config) as session:
        session.run([v1.global_variables_initializer(), v1.local_variables_initializer()])
        peer.serve(name, lambda: session.run(fetches, feeds))


if __name__ == "__main__":
    main()
