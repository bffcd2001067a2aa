/// The parameters of one statement, encoded. They are encoded by the caller's task, so that the event thread only
/// copies bytes.
///
/// `@unchecked Sendable`: all is written in `init` and read-only afterwards; the allocation ends with the object.
final class PostgresParameters: @unchecked Sendable {
  let types: [UInt32]
  private let lengths: [Int32]
  private let offsets: [Int]
  private let storage: UnsafeRawPointer

  init(_ values: [any PostgresEncodable], statement: String) throws(PostgresError) {
    guard values.count <= PostgresLimits.parametersPerStatement else {
      throw PostgresError(.misuse, "\(values.count) parameters are too many", statement: statement)
    }
    var types: [UInt32] = []
    var lengths: [Int32] = []
    var offsets: [Int] = []
    types.reserveCapacity(values.count)
    lengths.reserveCapacity(values.count)
    offsets.reserveCapacity(values.count)
    var writer = PostgresWriter(capacity: 32 * values.count)
    for (index, value) in values.enumerated() {
      let start = writer.count
      offsets.append(start)
      types.append(type(of: value).postgresType.oid)
      if value.isPostgresNull {
        lengths.append(-1)
      } else {
        value.encode(into: &writer)
        guard writer.count - start < PostgresLimits.bytesPerParameter else {
          throw PostgresError(.misuse, "parameter $\(index + 1) has 1 GB or more", statement: statement)
        }
        lengths.append(Int32(writer.count - start))
      }
    }
    self.types = types
    self.lengths = lengths
    self.offsets = offsets
    storage = writer.release()
  }

  deinit {
    storage.deallocate()
  }

  var count: Int { types.count }

  /// Calls `body` with the parameters in libpq's format.
  func withPointers<Result>(
    _ body: (
      _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
      _ formats: UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { pointers in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { formats in
        formats.initialize(repeating: 1)
        for index in 0..<count {
          let pointer = (storage + offsets[index]).assumingMemoryBound(to: CChar.self)
          pointers.initializeElement(at: index, to: lengths[index] < 0 ? nil : pointer)
        }
        return lengths.withUnsafeBufferPointer { lengths in
          body(UnsafePointer(pointers.baseAddress), lengths.baseAddress, UnsafePointer(formats.baseAddress))
        }
      }
    }
  }
}
