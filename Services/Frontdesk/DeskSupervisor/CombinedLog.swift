import CommandLineTool
import Foundation

/// The combined output of all processes of a desk, each line prefixed with its process: on standard output, and in a file rotated by
/// size.
actor CombinedLog {
  private let path: String
  /// Whether standard output gets the services' lines too, and not only `up`'s own.
  private let showsServices: Bool
  private let isColoured = Terminal.isInteractive
  private var file: FileHandle?
  private var bytes = 0

  private static let nameWidth = 14
  private static let colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

  /// Appends to the existing file.
  init(path: String, showsServices: Bool) {
    self.path = path
    self.showsServices = showsServices
  }

  /// Writes a line from `up` itself.
  func say(_ text: String) {
    write(text, from: "up", isShown: true)
  }

  /// Writes a line from a process.
  func write(_ line: String, from name: String) {
    write(line, from: name, isShown: showsServices)
  }

  private func write(_ line: String, from name: String, isShown: Bool) {
    let prefix = name.padding(toLength: max(CombinedLog.nameWidth, name.count), withPad: " ", startingAt: 0)
    // Escaped in the file too: people read it with a pager or `cat`.
    let line = TerminalText(line)
    keep("\(prefix)| \(line)\n")
    guard isShown else { return }
    guard isColoured else { return Terminal.say(TerminalText("\(prefix)| ") + line) }
    // The same name has the same colour in every run.
    let place = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % CombinedLog.colours.count
    Terminal.say(.painted("\(prefix)|", colour: CombinedLog.colours[place]) + TerminalText(" ") + line)
  }

  /// Appends to the file. A full disk must not stop the desk: lines that cannot be written are only shown.
  private func keep(_ text: String) {
    if bytes > UpBounds.logBytes { rotate() }
    if file == nil { openFile() }
    guard let file else { return }
    let data = Data(text.utf8)
    do {
      try file.write(contentsOf: data)
      bytes += data.count
    } catch {
      self.file = nil
    }
  }

  private func openFile() {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    bytes = Int((try? handle.seekToEnd()) ?? 0)
    file = handle
  }

  private func rotate() {
    file = nil
    for number in stride(from: UpBounds.logFilesKept - 1, to: 0, by: -1) {
      rename("\(path).\(number)", "\(path).\(number + 1)")
    }
    rename(path, "\(path).1")
    bytes = 0
  }
}
