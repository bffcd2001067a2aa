/// A growing buffer of bytes in PostgreSQL's binary format (big-endian).
public struct PostgresWriter: ~Copyable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  @usableFromInline var used: Int

  init(capacity: Int) {
    self.capacity = max(64, capacity)
    base = .allocate(byteCount: self.capacity, alignment: 8)
    used = 0
  }

  deinit {
    base.deallocate()
  }

  /// Bytes written so far.
  public var count: Int { used }

  @inlinable
  public mutating func write<Integer: FixedWidthInteger>(_ value: Integer) {
    let size = MemoryLayout<Integer>.size
    reserve(size)
    (base + used).storeBytes(of: value.bigEndian, as: Integer.self)
    used += size
  }

  @inlinable
  public mutating func write(bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    if let source = bytes.baseAddress { (base + used).copyMemory(from: source, byteCount: bytes.count) }
    used += bytes.count
  }

  @inlinable
  public mutating func write(utf8 text: String) {
    var text = text
    text.withUTF8 { write(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Makes room for `size` more bytes.
  @inlinable
  public mutating func reserve(_ size: Int) {
    if used + size > capacity { grow(by: size) }
  }

  @usableFromInline
  mutating func grow(by size: Int) {
    let wanted = max(capacity * 2, used + size)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 8)
    moved.copyMemory(from: base, byteCount: used)
    base.deallocate()
    base = moved
    capacity = wanted
  }

  // MARK: Length prefixes

  /// Reserves four bytes for a length or a flag and returns their offset.
  @inlinable
  mutating func beginLength() -> Int {
    let position = used
    write(Int32(0))
    return position
  }

  /// Fills in the length of the bytes written since `beginLength`.
  @inlinable
  mutating func endLength(at position: Int) {
    patch(Int32(truncatingIfNeeded: used - position - 4), at: position)
  }

  @inlinable
  mutating func patch(_ value: Int32, at position: Int) {
    (base + position).storeBytes(of: value.bigEndian, as: Int32.self)
  }

  /// Transfers ownership of the allocation to the caller, who deallocates it.
  consuming func release() -> UnsafeRawPointer {
    let base = base
    discard self
    return UnsafeRawPointer(base)
  }
}
