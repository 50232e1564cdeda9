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
    nearestName(to: name, among: candidates, within: max(2, name.count / 3))
  }
}
