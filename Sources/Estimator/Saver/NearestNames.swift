import EspalierGraph

/// Finds what somebody may have meant by a name that does not exist.
enum NearestNames {
  /// Returns " Did you mean 'x'?" for the nearest of `candidates`, or nothing if none is near.
  static func hint(for name: String, among candidates: [String]) -> String {
    nearest(to: name, among: candidates).map { " Did you mean '\($0)'?" } ?? ""
  }

  /// Returns the candidate that takes the fewest changes to become `name`, or nil if it takes more than a third of its
  /// characters.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    let limit = max(2, name.count / 3)
    var best: (distance: Int, name: String)?
    for candidate in candidates where abs(candidate.count - name.count) <= limit {
      let distance = editDistance(name, candidate)
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.name
  }
}
