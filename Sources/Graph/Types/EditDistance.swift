/// Returns the least number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
///
/// Source: Damerau 1964, optimal string alignment.
package func editDistance(_ a: String, _ b: String) -> Int {
  let left = Array(a)
  let right = Array(b)
  var before: [Int] = []
  var previous = Array(0...right.count)
  for i in left.indices {
    var current = [i + 1]
    for j in right.indices {
      let replacing = previous[j] + (left[i] == right[j] ? 0 : 1)
      var best = min(replacing, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, before[j - 1] + 1) }
      current.append(best)
    }
    before = previous
    previous = current
  }
  return previous[right.count]
}

/// Returns which of `names` may have been meant by `word`: the first of the nearest, at most `limit` changes of a letter
/// away.
package func nearestName(to word: String, among names: [String], within limit: Int) -> String? {
  var best: (distance: Int, name: String)?
  for name in names where abs(name.count - word.count) <= limit {
    let distance = editDistance(word, name)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, name) }
  }
  return best?.name
}
