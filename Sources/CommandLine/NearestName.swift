import EspalierGraph

/// Returns which of `names` may have been meant by `word`: the nearest, at most `distance` changes of a letter away.
func nearestName(to word: String, in names: [String], within distance: Int) -> String? {
  let nearest = names.map { (name: $0, distance: editDistance($0, word)) }.min { $0.distance < $1.distance }
  return nearest.flatMap { $0.distance <= distance ? $0.name : nil }
}
