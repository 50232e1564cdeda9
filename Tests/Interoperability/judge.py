"""Checks that Espalier and TensorFlow read each other's files and go on with each other's trainings.

usage: judge.py <interoperability-partner> <espalier> <empty directory>
"""

import glob
import os
import shutil
import subprocess
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
# TensorFlow 2 would rather have other layers.
warnings.filterwarnings("ignore")
import google.protobuf.text_format
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.logging.set_verbosity(v1.logging.ERROR)
partner, espalier, scratch = sys.argv[1:]
BATCH, CLASSES, SHAPE = 6, 4, (8, 8, 3)
TOLERANCE = 1e-5


def path(*parts):
    return os.path.join(scratch, *parts)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
    assert done.returncode == 0, f"{' '.join(command)} exits with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def close(what, found, expected):
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape, f"{what}: {found.shape} instead of {expected.shape}"
    worst = np.max(np.abs(found - expected) / (1 + np.abs(expected)), initial=0)
    assert worst <= TOLERANCE, f"{what}: off by {worst}: {found} instead of {expected}"
    print(f"  {what}: off by {worst:.1e}")


# The network of Partner/Network.swift.

IMAGES = (
    (np.arange(BATCH * int(np.prod(SHAPE))) * 7919 % 1000).astype(np.float32) / np.float32(1000) - np.float32(0.5)
).reshape((BATCH,) + SHAPE)
LABELS = (np.arange(BATCH) % CLASSES).astype(np.int32)


def input_fn(passes=None):
    return v1.data.Dataset.from_tensors(({"image": IMAGES}, LABELS)).repeat(passes)


def model_fn(features, labels, mode):
    image = features["image"]
    x = v1.layers.conv2d(image, 4, 3, padding="same", use_bias=False)
    x = tf.nn.relu(v1.layers.batch_normalization(x, momentum=0.9, training=mode == "train"))
    logits = v1.layers.dense(tf.reduce_mean(x, [1, 2]), CLASSES)
    predictions = {"classes": tf.argmax(logits, 1), "probabilities": tf.nn.softmax(logits)}
    if mode == "infer":
        outputs = {"predict": v1.estimator.export.PredictOutput(predictions)}
        return v1.estimator.EstimatorSpec(mode, predictions=predictions, export_outputs=outputs)
    loss = v1.losses.sparse_softmax_cross_entropy(labels, logits)
    train_op = None
    if mode == "train":
        optimizer = v1.train.MomentumOptimizer(0.1, 0.9)
        train_op = tf.group(
            optimizer.minimize(loss, v1.train.get_or_create_global_step()),
            v1.get_collection(v1.GraphKeys.UPDATE_OPS))
    metrics = {"accuracy": v1.metrics.accuracy(labels, predictions["classes"])}
    return v1.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op, eval_metric_ops=metrics)


class Losses(v1.train.SessionRunHook):
    """Keeps the loss of each step."""

    def begin(self):
        self.values = {}
        self.loss = v1.get_collection(v1.GraphKeys.LOSSES)[0]
        self.step = v1.train.get_global_step()

    def before_run(self, context):
        return v1.train.SessionRunArgs(self.loss)

    def after_run(self, context, values):
        self.values[int(context.session.run(self.step))] = float(values.results)


def estimator(directory):
    config = v1.estimator.RunConfig(tf_random_seed=1, save_checkpoints_steps=100, save_summary_steps=1)
    return v1.estimator.Estimator(model_fn, directory, config)


def train_there(directory, last):
    hook = Losses()
    estimator(directory).train(input_fn, hooks=[hook], max_steps=last)
    return hook.values


def train_here(directory, last):
    lines = [line.split() for line in run(partner, "train", directory, str(last)).splitlines()]
    return {int(step): float(value) for word, step, value in lines if word == "loss"}


def check_trainings():
    """Each side begins a training; both go on with it, and make the same steps."""
    begin = {"ours": train_here, "TensorFlow's": train_there}
    for owner, train in begin.items():
        directory = path("begun-by-" + owner.replace("'", ""))
        train(directory, 5)
        copy = directory + "-copy"
        shutil.copytree(directory, copy)
        state = open(os.path.join(copy, "checkpoint")).read()
        assert directory not in state, "the state file names absolute paths"
        here, there = train_here(directory, 8), train_there(copy, 8)
        assert sorted(here) == sorted(there) == [6, 7, 8], (here, there)
        for step in here:
            close(f"{owner} training, loss of step {step}", here[step], there[step])
        result = estimator(copy).evaluate(lambda: input_fn(1))
        lines = dict(line.split(" ", 1) for line in run(partner, "evaluate", copy).splitlines())
        for key in ["loss", "accuracy"]:
            step, value = lines[key].split()
            assert int(step) == result["global_step"] == 8
            close(f"{owner} training, {key} of the evaluation", float(value), result[key])


# Models.


def call(directory, inputs, signature="serving_default"):
    """Runs a signature in the loaders of both versions of TensorFlow."""
    with v1.Session(graph=tf.Graph()) as session:
        definition = v1.saved_model.load(session, ["serve"], directory).signature_def[signature]
        feeds = {definition.inputs[key].name: value for key, value in inputs.items()}
        first = session.run({key: info.name for key, info in definition.outputs.items()}, feeds)
    function = tf.saved_model.load(directory, ["serve"]).signatures[signature]
    second = function(**{key: tf.constant(value) for key, value in inputs.items()})
    return first, {key: value.numpy() for key, value in second.items()}


def serialized(image):
    feature = tf.train.Feature(float_list=tf.train.FloatList(value=image.ravel()))
    return tf.train.Example(features=tf.train.Features(feature={"image": feature})).SerializeToString()


def files_of_images():
    """PNG files, and what the network sees of them."""
    pixels = ((IMAGES + 0.5) * 255).astype(np.uint8)
    with v1.Session(graph=tf.Graph()) as session:
        files = session.run([tf.io.encode_png(image) for image in pixels])
    return np.array(files, object), pixels.astype(np.float32)


def check_our_models():
    base = path("exports")
    lines = run(partner, "export", path("begun-by-ours"), base).splitlines()
    exports = dict(line.split(" ", 1) for line in lines if " " in line)
    expected = {key: np.load(os.path.join(base, key + ".npy")) for key in ["classes", "probabilities"]}
    files, seen = files_of_images()
    examples = np.array([serialized(image) for image in IMAGES], object)
    inputs = {
        "raw": {"image": IMAGES}, "text": {"image": IMAGES}, "parsing": {"examples": examples},
        "tensor": {"input": IMAGES}, "image_bytes": {"image_bytes": files},
    }
    for kind, feeds in inputs.items():
        wanted = call(exports["tensor"], {"input": seen})[0] if kind == "image_bytes" else expected
        for version, outputs in zip("12", call(exports[kind], feeds)):
            for key in wanted:
                close(f"our model ({kind}) in TensorFlow {version}, {key}", outputs[key], wanted[key])
    check_our_modes(exports["modes"])
    # What we say of our own files of images.
    for index, contents in enumerate(files):
        with open(path(f"image-{index}.png"), "wb") as file:
            file.write(contents)
    wanted = call(exports["tensor"], {"input": seen})[0]
    first = run_here(exports["image_bytes"], {"image_bytes": path("image-0.png")})
    close("our model (image_bytes) here", first["probabilities"], wanted["probabilities"][:1])
    text = run(sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", "show", "--all", "--dir", exports["raw"])
    assert "tensorflow/serving/predict" in text and "probabilities" in text, text


def check_our_modes(directory):
    """Graphs for evaluation and training do what the estimator does from there on."""

    def load(session, tag):
        meta = v1.saved_model.load(session, [tag], directory)
        signature = meta.signature_def[tag]
        feeds = {signature.inputs["image"].name: IMAGES, signature.inputs["label"].name: LABELS}
        return meta, {key: info.name for key, info in signature.outputs.items()}, feeds

    copy = path("modes-copy")
    shutil.copytree(path("begun-by-ours"), copy)
    evaluated = dict(line.split(" ", 1) for line in run(partner, "evaluate", copy).splitlines())
    losses = train_here(copy, 10)
    with v1.Session(graph=tf.Graph()) as session:
        meta, outputs, feeds = load(session, "eval")
        close("our model (eval) in TensorFlow, loss", session.run(outputs["loss"], feeds), evaluated["loss"].split()[1])
        assert session.run(outputs["metrics/accuracy/value"]) == 0
        session.run(outputs["metrics/accuracy/update_op"], feeds)
        accuracy = session.run(outputs["metrics/accuracy/value"])
        close("our model (eval) in TensorFlow, accuracy", accuracy, evaluated["accuracy"].split()[1])
    with v1.Session(graph=tf.Graph()) as session:
        meta, outputs, feeds = load(session, "train")
        (train_op,) = meta.collection_def["saved_model_train_op"].node_list.value
        for step in [9, 10]:
            close(f"our model (train) in TensorFlow, step {step}", session.run(outputs["loss"], feeds), losses[step])
            session.run(train_op, feeds)
    assert call(directory, {"image": IMAGES})[0].keys() == {"classes", "probabilities"}


def run_here(directory, inputs):
    target = path("outputs")
    shutil.rmtree(target, ignore_errors=True)
    run(espalier, "run", directory, *[f"{key}={value}" for key, value in inputs.items()], "--output", target)
    return {os.path.basename(file)[:-4]: np.load(file) for file in glob.glob(target + "/*.npy")}


def check_their_models():
    """Models that tf.estimator exports, also one with a loop over files of images."""

    def raw():
        return v1.estimator.export.build_raw_serving_input_receiver_fn(
            {"image": v1.placeholder(tf.float32, (None,) + SHAPE, name="image")})()

    def image_bytes():
        files = v1.placeholder(tf.string, [None], name="input_tensor")

        def decode(file):
            return tf.reshape(tf.cast(tf.image.decode_jpeg(file, channels=3), tf.float32), SHAPE)

        images = tf.map_fn(decode, files, dtype=tf.float32)
        return v1.estimator.export.ServingInputReceiver({"image": images}, {"image_bytes": files})

    source = estimator(path("begun-by-TensorFlows-copy"))
    files, seen = files_of_images()
    model = source.export_saved_model(path("theirs"), raw, as_text=True).decode()
    expected = call(model, {"image": IMAGES})[0]
    np.save(path("images.npy"), IMAGES)
    for key, value in run_here(model, {"image": path("images.npy")}).items():
        close(f"TensorFlow's model (text) here, {key}", value, expected[key])
    v1.disable_control_flow_v2()
    model = source.export_saved_model(path("theirs-bytes"), image_bytes).decode()
    expected = call(model, {"image_bytes": files[:1]})[0]
    for key, value in run_here(model, {"image_bytes": path("image-0.png")}).items():
        close(f"TensorFlow's model (image_bytes) here, {key}", value, expected[key])


# Files.


def check_our_files():
    directory = path("files")
    os.makedirs(directory)
    run(partner, "write", directory)
    check_records(directory)
    check_checkpoints(directory)
    check_events(directory)


def check_records(directory):
    kinds = v1.io.TFRecordCompressionType
    for name, kind in [("plain", kinds.NONE), ("gzip", kinds.GZIP), ("zlib", kinds.ZLIB)]:
        options = v1.io.TFRecordOptions(kind)
        records = list(v1.io.tf_record_iterator(f"{directory}/{name}.tfrecord", options))
        assert len(records) == 5, name
        for number, record in enumerate(records):
            features = tf.train.Example.FromString(record).features.feature
            assert list(features["number"].int64_list.value) == [number, -1]
            assert list(features["half"].float_list.value) == [number / 2]
            assert list(features["bytes"].bytes_list.value) == [bytes([0, 255, number]), b""]
    (record,) = v1.io.tf_record_iterator(directory + "/sequence.tfrecord")
    sequence = tf.train.SequenceExample.FromString(record)
    steps = sequence.feature_lists.feature_list["steps"].feature
    assert [list(step.float_list.value) for step in steps] == [[1, 2], [3]]
    assert list(sequence.context.feature["length"].int64_list.value) == [2]
    print("  our records: the same in TensorFlow")


def check_checkpoints(directory):
    for name in ["single", "sharded"]:
        reader = tf.train.load_checkpoint(f"{directory}/{name}")
        found = {key: reader.get_tensor(key) for key in reader.get_variable_to_shape_map()}
        assert len(found) == 13, sorted(found)
        assert list(found.pop("text")) == [b"hi", b"", bytes([0, 255])]
        assert list(found.pop("types/bool")) == [True, False]
        for key, value in found.items():
            assert str(value.dtype) == key.split("/")[1] and list(value) == [1, 2, 3], (key, value)
    graph = google.protobuf.text_format.Parse(open(path("begun-by-ours", "graph.pbtxt")).read(), v1.GraphDef())
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
        assert v1.get_default_graph().get_tensor_by_name("conv2d/kernel:0").shape == [3, 3, 3, 4]
    with v1.Session(graph=tf.Graph()) as session:
        prefix = path("begun-by-ours", "model.ckpt-8")
        saver = v1.train.import_meta_graph(prefix + ".meta") or v1.train.Saver()
        saver.restore(session, prefix)
        (train_op,) = v1.get_collection(v1.GraphKeys.TRAIN_OP)
        images, labels = [
            node.outputs[0] for node in session.graph.get_operations() if node.type == "Placeholder"]
        session.run(train_op, {images: IMAGES, labels: LABELS})
        assert session.run("global_step:0") == 9
    # TensorFlow asks for its own variables only, and does not see what resuming needs besides.
    names = [name for name, _ in tf.train.list_variables(path("begun-by-ours"))]
    assert "conv2d/kernel/Momentum" in names and "global_step" in names, names
    print("  our checkpoints: the same in TensorFlow")


def check_events(directory):
    values = {}
    (file,) = glob.glob(directory + "/events/*")
    for event in v1.train.summary_iterator(file):
        for value in event.summary.value:
            values.setdefault(value.tag, []).append((event.step, value))
    assert [(step, value.simple_value) for step, value in values["scalar"]] == [(1, 0.25), (2, 0.5), (3, 0.75)]
    histogram = values["histogram"][0][1].histo
    assert (histogram.num, histogram.sum, histogram.min, histogram.max) == (4, 13, 1, 8)
    with v1.Session(graph=tf.Graph()) as session:
        pixels = session.run(tf.io.decode_png(values["image/image"][0][1].image.encoded_image_string))
    assert pixels.shape == (4, 4, 3) and list(pixels.ravel()) == [index * 5 for index in range(48)]
    assert tf.make_ndarray(values["text"][0][1].tensor).item() == b"**bold**"
    check_run_metadata(f"{directory}/events", file)
    # The events of a training, as TensorBoard loads them.
    from tensorboard.backend.event_processing import event_accumulator
    events = event_accumulator.EventAccumulator(path("begun-by-ours"))
    events.Reload()
    tags = events.Tags()
    assert tags["graph"] and tags["meta_graph"] and "loss" in tags["scalars"] and "logits" in tags["histograms"], tags
    print("  our events: the same in TensorFlow and TensorBoard")


def check_run_metadata(directory, file):
    """What a run told of itself, as TensorBoard and TensorFlow's timeline read it."""
    from tensorboard.backend.event_processing import event_accumulator
    from tensorflow.python.client import timeline
    events = event_accumulator.EventAccumulator(directory)
    events.Reload()
    assert events.Tags()["run_metadata"] == ["step_7"], events.Tags()
    metadata = tf.compat.v1.RunMetadata.FromString(events.RunMetadata("step_7").SerializeToString())
    (device,) = metadata.step_stats.dev_stats
    nodes = {node.node_name: node for node in device.node_stats}
    assert any("MatMul" in name for name in nodes), sorted(nodes)
    trace = timeline.Timeline(metadata.step_stats).generate_chrome_trace_format()
    assert "MatMul" in trace
    assert all(node.op_end_rel_micros >= node.op_start_rel_micros >= 0 for node in nodes.values())


def check_their_files():
    directory = path("their-files")
    os.makedirs(directory)
    for kind in ["NONE", "GZIP", "ZLIB"]:
        file = f"{directory}/{kind}.tfrecord"
        with tf.io.TFRecordWriter(file, kind if kind != "NONE" else "") as writer:
            for image in IMAGES[:3]:
                writer.write(serialized(image))
        compression = [] if kind == "NONE" else ["--compression", kind.lower()]
        text = run(espalier, "inspect-records", file, *compression)
        assert "image" in text and "3" in text, text
    directory = path("begun-by-TensorFlows-copy")
    text = run(espalier, "inspect-checkpoint", directory)
    assert "conv2d/kernel/Momentum" in text, text
    text = run(espalier, "inspect-events", directory)
    assert "loss" in text and "(graph)" in text, text
    print("  TensorFlow's records, checkpoint and events: read here")


def main():
    checks = [check_trainings, check_our_models, check_their_models, check_our_files, check_their_files]
    for check in checks:
        print(check.__name__.replace("_", " ") + ":", flush=True)
        check()
    print("Espalier and TensorFlow understand each other.")


main()
