/// All operations that the property tests run over; a family of operations is a table of its own.
enum OpTable {
  static let rows: [OpRow] = convolutions + pools + normalizations + activations + losses
}
