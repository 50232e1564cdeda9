"""What both peers share: the command line, and the conversation with example-bench.

A peer makes its first step, prints a line that says what it is, and then reads lines with numbers of steps. For each it
runs that many steps and prints how long they took. It ends with its input.
"""

import argparse
import json
import resource
import sys
import time


def arguments():
    """Returns what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["train", "infer", "dispatch", "graph-build"])
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--optimizer", choices=["momentum", "adam"], default="momentum")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args()


def serve(name, step):
    """Runs `step` as often as the lines of standard input say."""
    step()
    say(name=name, peak_bytes=peak_bytes())
    for line in sys.stdin:
        milliseconds = []
        for _ in range(int(line)):
            begin = time.perf_counter()
            step()
            milliseconds.append((time.perf_counter() - begin) * 1000)
        say(milliseconds=milliseconds, peak_bytes=peak_bytes())


def fail(message):
    """Says why there is nothing to measure, and ends."""
    say(error=message)
    sys.exit(1)


def say(**fields):
    """Prints a line of JSON."""
    print(json.dumps(fields), flush=True)


def peak_bytes():
    """Returns the most bytes that this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def blocks_of(model):
    """Returns the number of blocks in each stage, and whether the network is one for CIFAR."""
    layers = int(model.removeprefix("resnet"))
    for_imagenet = {
        18: [2, 2, 2, 2],
        34: [3, 4, 6, 3],
        50: [3, 4, 6, 3],
        101: [3, 4, 23, 3],
        152: [3, 8, 36, 3],
        200: [3, 24, 36, 3],
    }
    if layers in for_imagenet:
        return for_imagenet[layers], False
    return [(layers - 2) // 6] * 3, True


def has_bottlenecks(model):
    """Returns whether the blocks of an ImageNet network have three convolutions."""
    return int(model.removeprefix("resnet")) >= 50
