import CommandLineTool
import DeskSupervisor
import Foundation
import PostgreSQL
import Store

/// A small in-memory disk for new messages, which can be filled without filling the machine's disk.
struct SmallDisk: Sendable {
  /// The mount point.
  let folder: String

  private static let space = "frontdesk_chaos"
  private static let label = "frontdesk-chaos"
  private static let pieceBytes = [1 << 20, 4 << 10, 1]
  private var ballast: String { "\(folder)/ballast" }

  /// Returns why it is not possible here; nil when it is.
  static func obstacle(in parent: String) async -> String? {
    guard LocalPostgres.isRoot else { return "only root may mount a small disk" }
    let folder = "\(parent)/mount-attempt"
    defer { rmdir(folder) }
    do {
      try PrivateFile.makeFolder(folder)
      try await mount(folder, megabytes: 1)
      try await unmount(folder)
      return nil
    } catch {
      return "a small disk cannot be mounted here"
    }
  }

  /// Mounts it on an empty folder.
  /// - Parameter megabytes: its size, in MiB.
  init(in folder: String, megabytes: Int) async throws {
    try PrivateFile.makeFolder(folder)
    try await SmallDisk.mount(folder, megabytes: megabytes)
    self.folder = folder
  }

  /// Moves the messages of today and tomorrow, and the undecided ones, onto it.
  /// - Parameters:
  ///   - local: the desk, which must be idle.
  ///   - superuser: the password of PostgreSQL's superuser.
  func take(messagesOf local: LocalDesk, superuser: String) async throws {
    try await ShellCommand(program: "chown", arguments: ["\(LocalPostgres.systemUser):", folder]).run()
    var configuration = try PostgresConfiguration(local.postgres)
    configuration["user"] = "postgres"
    configuration["password"] = superuser
    let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMaximum: 1))
    do {
      try await pool.executeScript("CREATE TABLESPACE \(SmallDisk.space) LOCATION '\(folder)'", name: "small_disk")
      try await pool.executeScript(SmallDisk.moving, name: "small_disk_tables")
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  /// Fills it to the last byte.
  func fill() throws {
    let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0o600)
    guard descriptor >= 0 else { throw PrivateFile.failure("write", ballast) }
    defer { close(descriptor) }
    for size in SmallDisk.pieceBytes {
      let piece = [UInt8](repeating: 0, count: size)
      while write(descriptor, piece, size) == size {}
    }
  }

  /// Frees the space again.
  func empty() {
    unlink(ballast)
  }

  /// Unmounts it, after PostgreSQL has stopped.
  func end() async {
    empty()
    let folder = folder
    // Shielded from cancellation, because an interrupted run must not leave a disk behind.
    await Task.detached { try? await SmallDisk.unmount(folder) }.value
  }

  private static let moving = """
    DO $$
    DECLARE
      part regclass;
    BEGIN
      FOR part IN SELECT i.inhrelid FROM pg_inherits i
         WHERE i.inhparent = 'desk.message'::regclass
           AND i.inhrelid::regclass::text ~ to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')
            OR i.inhparent = 'desk.message'::regclass
           AND i.inhrelid::regclass::text ~ to_char(now() AT TIME ZONE 'UTC' + interval '1 day', 'YYYYMMDD') LOOP
        EXECUTE format('ALTER TABLE %s SET TABLESPACE \(space)', part);
      END LOOP;
      ALTER TABLE desk.inbox SET TABLESPACE \(space);
    END
    $$
    """

  private static func mount(_ folder: String, megabytes: Int) async throws {
    try await ShellCommand(
      program: "mount", arguments: ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", label, folder]
    ).run()
  }

  private static func unmount(_ folder: String) async throws {
    try await ShellCommand(program: "umount", arguments: ["--lazy", folder]).run()
  }
}
