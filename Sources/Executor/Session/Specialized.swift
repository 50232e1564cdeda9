import EspalierGraph

extension Session {
  /// Returns what the run of these fetches needs of the graph, with the shapes that follow from the feeds, before any
  /// pass has changed it.
  package func specialized(_ fetches: [Tensor], feeding: [Tensor: HostTensor]) throws -> Program {
    let feeds = try orderedFeeds(feeding).map {
      Request.Feed(tensor: $0.tensor.id, type: TensorType($0.value.dataType, Shape($0.value.shape)))
    }
    var program = try Program(graph, Request(fetches: try fetches.map(fetchable).map(\.id), feeds: feeds))
    try Pass.specialize.run(&program, PassContext(pool: pool))
    return program
  }
}
