#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The hash buckets that a model knows, with their dense indices and inverse document frequencies.
struct FeatureSpace: Sendable, Equatable {
  /// The known buckets, ascending; a bucket's position is its dense index.
  let buckets: [UInt32]
  /// The inverse document frequency of each dense index: ln((1 + documents) / (1 + documents with it)) + 1.
  let inverseDocumentFrequency: [Float]
  /// The dense index of each of the 2^20 buckets, or -1.
  let dense: [Int32]

  var count: Int { buckets.count }

  init(buckets: [UInt32], inverseDocumentFrequency: [Float]) {
    precondition(buckets.count == inverseDocumentFrequency.count, "one weight per bucket")
    self.buckets = buckets
    self.inverseDocumentFrequency = inverseDocumentFrequency
    var dense = [Int32](repeating: -1, count: LanguageLimits.bucketCount)
    for (number, bucket) in buckets.enumerated() {
      dense[Int(bucket)] = Int32(number)
    }
    self.dense = dense
  }

  /// Learns the space from counted texts.
  ///
  /// - Parameter minimumDocuments: n-grams found in fewer texts are left out.
  init(documents: CountedTexts, indices: [Int], minimumDocuments: Int) {
    var frequency = [UInt32](repeating: 0, count: LanguageLimits.bucketCount)
    var met: [UInt32] = []
    for document in indices {
      for entry in documents.range(document) {
        let bucket = documents.buckets[entry]
        if frequency[Int(bucket)] == 0 {
          met.append(bucket)
        }
        frequency[Int(bucket)] += 1
      }
    }
    let known = met.filter { Int(frequency[Int($0)]) >= minimumDocuments }.sorted()
    let weights = known.map { bucket in
      Float(log(Double(1 + indices.count) / Double(1 + frequency[Int(bucket)])) + 1)
    }
    self.init(buckets: known, inverseDocumentFrequency: weights)
  }

  /// 1 + ln(count).
  @inline(__always)
  static func termWeight(_ count: Int) -> Float {
    count < tabulated.count ? tabulated[count] : Float(1 + log(Double(count)))
  }

  private static let tabulated: [Float] = (0..<256).map { $0 == 0 ? 0 : Float(1 + log(Double($0))) }
}

/// Many texts as counted n-grams, concatenated in flat arrays.
struct CountedTexts: Sendable {
  private(set) var offsets: [Int] = [0]
  private(set) var buckets: [UInt32] = []
  private(set) var counts: [UInt32] = []

  var count: Int { offsets.count - 1 }

  func range(_ document: Int) -> Range<Int> { offsets[document]..<offsets[document + 1] }

  mutating func append(_ counter: GramCounter) {
    counter.forEach { bucket, count in
      buckets.append(UInt32(bucket))
      counts.append(UInt32(count))
    }
    offsets.append(buckets.count)
  }
}
