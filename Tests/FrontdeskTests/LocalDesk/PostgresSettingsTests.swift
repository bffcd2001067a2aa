import ServiceSettings
import Store
import Testing

@testable import DeskSupervisor

@Suite struct PostgresSettingsTests {
  private func setting(_ name: String, memory: Int64?) -> String? {
    PostgresSettings.text(socketFolder: "/s", memory: memory).split(separator: "\n")
      .first { $0.hasPrefix("\(name) = ") }.map { String($0.dropFirst(name.count + 3)) }
  }

  @Test(
    "the buffers are a quarter of the memory, within limits",
    arguments: [
      (Int64(4) << 30, "1024MB", "2048MB"), (512 << 20, "128MB", "256MB"), (64 << 20, "128MB", "128MB"),
      (1 << 40, "2048MB", "524288MB"), (.max, "2048MB", "4398046511103MB"), (nil, "256MB", "256MB"),
    ])
  func buffers(memory: Int64?, shared: String, cache: String) {
    #expect(setting("shared_buffers", memory: memory) == shared)
    #expect(setting("effective_cache_size", memory: memory) == cache)
  }

  /// As `deploy/README.md` counts them: one pool for each process, two connections for an intent and for each command.
  @Test func everyProcessThatCanBeAskedForGetsItsConnections() throws {
    let pool = try #require(StandardKeys.postgresConnections.defaultValue.flatMap { Int($0) })
    let single = ServiceKind.allCases.count - ScalableService.allCases.count
    let processes = ScalableService.allCases.count * ScalableService.counts.upperBound + single
    let commands = 10
    let admitted = try #require(setting("max_connections", memory: nil).flatMap { Int($0) })
    #expect(admitted >= processes * pool + 2 + 2 * commands)
  }

  @Test func acknowledgedDataIsOnDisk() {
    for name in ["fsync", "synchronous_commit", "full_page_writes"] { #expect(setting(name, memory: nil) == "on") }
  }
}

@Suite struct HostMemoryTests {
  private static let meminfo = "MemTotal:       24683520 kB\nMemFree:        15053824 kB\n"

  private func memory(_ files: [String: String]) -> Int64? { HostMemory.bytes { files[$0] } }

  @Test func withoutALimitItIsTheMachines() {
    #expect(memory(["/proc/meminfo": Self.meminfo]) == 24_683_520 << 10)
    #expect(
      memory([
        "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/user.slice\n",
        "/sys/fs/cgroup/user.slice/memory.max": "max\n",
      ]) == 24_683_520 << 10)
  }

  @Test("a limit of any control group above counts", arguments: ["/a/b", "/a", ""])
  func secondVersion(group: String) {
    #expect(
      memory([
        "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/a/b\n",
        "/sys/fs/cgroup\(group)/memory.max": "536870912\n",
      ]) == 512 << 20)
  }

  @Test("the first version, where the memory has a tree of its own", arguments: ["/docker/1", ""])
  func firstVersion(group: String) {
    #expect(
      memory([
        "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n",
        "/sys/fs/cgroup/memory\(group)/memory.limit_in_bytes": "1073741824\n",
        "/sys/fs/cgroup/cpu/docker/1/memory.limit_in_bytes": "1\n",
      ]) == 1 << 30)
    #expect(
      memory([
        "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "4:memory:/\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      ]) == 24_683_520 << 10)
  }

  @Test func whatTheKernelDoesNotSayIsNotGuessed() {
    #expect(memory([:]) == nil)
    #expect(memory(["/proc/meminfo": "?", "/proc/self/cgroup": "?\n0\n::\n"]) == nil)
  }
}
