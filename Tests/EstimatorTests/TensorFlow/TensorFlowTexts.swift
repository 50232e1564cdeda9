/// What TensorFlow 2.15's `tf.compat.v1.estimator` printed, a section for each call: a linear model of three features and
/// twenty examples in batches of four, `RunConfig(log_step_count_steps=5)`, `DIR` for the directory.
enum TensorFlowTexts {
  /// The lines of a section.
  static func lines(_ section: String) -> [String] {
    let parts = log.split(separator: "## ")
    let part = parts.first { $0.hasPrefix(section + "\n") } ?? ""
    return part.split(separator: "\n").dropFirst().map(String.init)
  }

  private static let log = """
    ## train to step 7
    Calling model_fn.
    Done calling model_fn.
    Create CheckpointSaverHook.
    Graph was finalized.
    Running local_init_op.
    Done running local_init_op.
    Calling checkpoint listeners before saving checkpoint 0...
    Saving checkpoints for 0 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 0...
    loss = 6.0504613, step = 0
    Calling checkpoint listeners before saving checkpoint 3...
    Saving checkpoints for 3 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 3...
    Calling checkpoint listeners before saving checkpoint 6...
    Saving checkpoints for 6 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 6...
    global_step/sec: 7.62917
    loss = 1.330262, step = 5 (0.655 sec)
    Calling checkpoint listeners before saving checkpoint 7...
    Saving checkpoints for 7 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 7...
    Loss for final step: 0.84449416.
    ## train again to step 7
    Skipping training since max_steps has already saved.
    ## train to step 8
    Calling model_fn.
    Done calling model_fn.
    Create CheckpointSaverHook.
    Graph was finalized.
    Restoring parameters from DIR/a/model.ckpt-7
    Running local_init_op.
    Done running local_init_op.
    Calling checkpoint listeners before saving checkpoint 7...
    Saving checkpoints for 7 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 7...
    loss = 2.2125301, step = 7
    Calling checkpoint listeners before saving checkpoint 8...
    Saving checkpoints for 8 into DIR/a/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 8...
    Loss for final step: 2.2125301.
    ## evaluate 2 batches
    Calling model_fn.
    Done calling model_fn.
    Starting evaluation at 2026-11-25T03:58:40
    Graph was finalized.
    Restoring parameters from DIR/a/model.ckpt-8
    Running local_init_op.
    Done running local_init_op.
    Evaluation [1/2]
    Evaluation [2/2]
    Inference Time : 1.16656s
    Finished evaluation at 2026-11-25-03:58:42
    Saving dict for global step 8: error = 1.321, global_step = 8, loss = 1.321
    Saving 'checkpoint_path' summary for global step 8: DIR/a/model.ckpt-8
    ## evaluate all
    Calling model_fn.
    Done calling model_fn.
    Starting evaluation at 2026-11-25T03:58:43
    Graph was finalized.
    Restoring parameters from DIR/a/model.ckpt-8
    Running local_init_op.
    Done running local_init_op.
    Inference Time : 1.34666s
    Finished evaluation at 2026-11-25-03:58:44
    Saving dict for global step 8: error = 1.040309, global_step = 8, loss = 1.040309
    Saving 'checkpoint_path' summary for global step 8: DIR/a/model.ckpt-8
    ## evaluate untrained
    Could not find trained model in model_dir: DIR/none, running initialization to evaluate.
    Calling model_fn.
    Done calling model_fn.
    Starting evaluation at 2026-11-25T03:58:45
    Graph was finalized.
    Running local_init_op.
    Done running local_init_op.
    Evaluation [1/1]
    Inference Time : 1.11410s
    Finished evaluation at 2026-11-25-03:58:46
    Saving dict for global step 0: error = 6.0504613, global_step = 0, loss = 6.0504613
    ## predict
    Calling model_fn.
    Done calling model_fn.
    Graph was finalized.
    Restoring parameters from DIR/a/model.ckpt-8
    Running local_init_op.
    Done running local_init_op.
    ## train and evaluate
    Running training and evaluation locally (non-distributed).
    Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is \
    determined based on RunConfig arguments: save_checkpoints_steps 3 or save_checkpoints_secs None.
    Calling model_fn.
    Done calling model_fn.
    Create CheckpointSaverHook.
    Graph was finalized.
    Running local_init_op.
    Done running local_init_op.
    Calling checkpoint listeners before saving checkpoint 0...
    Saving checkpoints for 0 into DIR/b/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 0...
    loss = 6.0504613, step = 0
    Calling checkpoint listeners before saving checkpoint 3...
    Saving checkpoints for 3 into DIR/b/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 3...
    Calling model_fn.
    Done calling model_fn.
    Starting evaluation at 2026-11-25T03:58:53
    Graph was finalized.
    Restoring parameters from DIR/b/model.ckpt-3
    Running local_init_op.
    Done running local_init_op.
    Inference Time : 1.01570s
    Finished evaluation at 2026-11-25-03:58:54
    Saving dict for global step 3: error = 0.21417074, global_step = 3, loss = 0.21417074
    Saving 'checkpoint_path' summary for global step 3: DIR/b/model.ckpt-3
    Calling checkpoint listeners before saving checkpoint 6...
    Saving checkpoints for 6 into DIR/b/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 6...
    Skip the current checkpoint eval due to throttle secs (3600 secs).
    global_step/sec: 2.12585
    loss = 1.330262, step = 5 (2.352 sec)
    Calling checkpoint listeners before saving checkpoint 7...
    Saving checkpoints for 7 into DIR/b/model.ckpt.
    Calling checkpoint listeners after saving checkpoint 7...
    Skip the current checkpoint eval due to throttle secs (3600 secs).
    Calling model_fn.
    Done calling model_fn.
    Starting evaluation at 2026-11-25T03:58:55
    Graph was finalized.
    Restoring parameters from DIR/b/model.ckpt-7
    Running local_init_op.
    Done running local_init_op.
    Inference Time : 1.06041s
    Finished evaluation at 2026-11-25-03:58:56
    Saving dict for global step 7: error = 1.3054775, global_step = 7, loss = 1.3054775
    Saving 'checkpoint_path' summary for global step 7: DIR/b/model.ckpt-7
    Loss for final step: 0.84449416.
    """

  /// The texts of errors by what is done wrong.
  static let errors: [String: String] = [
    "both steps and max_steps": "Can not provide both steps and max_steps.",
    "steps 0": "Must specify steps > 0, given: 0",
    "max_steps 0": "Must specify max_steps > 0, given: 0",
    "eval steps 0": "Must specify steps > 0, given: 0",
    "both save intervals": "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set.",
    "train_op missing": "Missing train_op.",
    "loss missing": "Missing loss.",
    "predictions missing": "Missing predictions.",
    "throttle": "Must specify throttle_secs >= 0, given: -1",
    "start delay": "Must specify start_delay_secs >= 0, given: -1",
    "eval spec steps": "Must specify steps > 0, given: 0",
    "train spec steps": "Must specify max_steps > 0, given: 0",
    "two directories":
      "`model_dir` are set both in constructor and `RunConfig`, but with different values. In "
      + "constructor: 'a', in `RunConfig`: 'b' ",
    "names untrained": "Could not find trained model in model_dir: DIR/none.",
    "stop hook": "One of num_steps or last_step must be specified.",
    "step counter hook": "exactly one of every_n_steps and every_n_secs should be provided.",
    "summary saver hook": "Exactly one of scaffold or summary_op must be provided.",
    "logging hook": "invalid every_n_iter=0.",
    "logging hook interval": "either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.",
    "timer none": "Either every_secs or every_steps should be provided.",
    "timer both": "Can not provide both every_secs and every_steps.",
    "saver hook": "You cannot provide both saver and scaffold.",
    "n_classes 1": "n_classes must be > 2: 1.",
    "axis 2": "The only supported values for the axis argument are 0 and 1.  Provided axis: 2",
    "in memory": "invalid every_n_iter=0.",
    "latest exporter": "`exports_to_keep`, if provided, must be positive number",
    "best exporter": "`exports_to_keep`, if provided, must be a positive number. Got 0",
    "exporter names":
      "`exporters` must have unique names. Such a name cannot be `None`. All exporter names: "
      + "['a', 'a']",
    "export untrained": "Couldn't find trained model at DIR/none.",
    "save_summary_steps": "save_summary_steps should be >= 0",
    "keep_checkpoint_max": "keep_checkpoint_max should be >= 0",
    "keep_checkpoint_every_n_hours": "keep_checkpoint_every_n_hours should be > 0",
    "log_step_count_steps": "log_step_count_steps should be > 0",
    "save_checkpoints_secs": "save_checkpoints_secs should be >= 0",
  ]
}
