/// Finds what somebody may have meant by a name that does not exist.
enum NearestNames {
  /// Returns " Did you mean 'x'?" for the nearest of `candidates`, or nothing if none is near.
  static func hint(for name: String, among candidates: [String]) -> String {
    nearest(to: name, among: candidates).map { " Did you mean '\($0)'?" } ?? ""
  }

  /// Returns the candidate that takes the fewest changes to become `name`, or nil if it takes more than a third of its
  /// characters.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    let target = Array(name.utf8)
    let limit = max(2, target.count / 3)
    var best: (distance: Int, name: String)?
    for candidate in candidates where abs(candidate.utf8.count - target.count) <= limit {
      let distance = self.distance(target, Array(candidate.utf8))
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.name
  }

  /// Returns the number of bytes to insert, remove or replace to make `b` of `a`.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
