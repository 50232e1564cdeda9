#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Writes programs to a folder, `03-simplify.txt` and `.dot`, for `ESPALIER_DUMP`.
struct ProgramDump {
  let folder: String

  func write(_ program: Program, number: Int, name: String) {
    mkdir(folder, 0o777)
    let path = "\(folder)/\(number < 10 ? "0" : "")\(number)-\(name)"
    write(program.description, to: path + ".txt")
    write(program.dot, to: path + ".dot")
  }

  // What cannot be written is not worth failing a run for: the dump is for whoever looks into the folder.
  private func write(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { return }
    defer { fclose(file) }
    fputs(text, file)
  }
}
