import Logging
import Observability
import Store
import Testing
import Tracing

@Suite struct TraceContextTests {
  struct Counting: RandomNumberGenerator {
    private var last: UInt64 = 0

    mutating func next() -> UInt64 {
      last += 0x0123_4567_89AB_CDEF
      return last
    }
  }

  @Test func theSampledFlagIsReadWithoutTheRest() {
    let text = { (flags: String) in "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-\(flags)" }
    for value in 0..<256 {
      let flags = String(value >> 4, radix: 16) + String(value & 15, radix: 16)
      #expect(Traceparent.isSampled(text(flags)) == (value & 1 == 1), "\(flags)")
      #expect(TraceContext(traceparent: text(flags))?.isSampled == (value & 1 == 1), "\(flags)")
    }
    #expect(!Traceparent.isSampled("") && !Traceparent.isSampled(text("0")) && !Traceparent.isSampled(text("0B")))
  }

  @Test(arguments: [
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false),
  ])
  func parsedContextsAreWrittenUnchanged(header: String, isSampled: Bool) throws {
    let context = try #require(TraceContext(traceparent: header))
    #expect(context.traceparent == header)
    #expect(context.isSampled == isSampled)
    #expect(context.traceIDText == "0af7651916cd43dd8448eb211c80319c")
  }

  @Test func readsTheKnownPartOfALaterVersion() throws {
    let later = try #require(
      TraceContext(traceparent: "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-what-comes"))
    #expect(later.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
  }

  @Test(arguments: [
    "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
    "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
    "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
    " 0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  ])
  func malformedHeadersAreRefused(header: String) {
    #expect(TraceContext(traceparent: header) == nil)
  }

  @Test func childrenKeepTheTraceWithTheirOwnSpan() {
    var generator = Counting()
    let root = TraceContext.root(isSampled: false, using: &generator)
    let child = root.child(using: &generator)
    #expect(child.traceID == root.traceID)
    #expect(child.spanID != root.spanID)
    #expect(!child.isSampled)
    #expect(TraceContext(traceparent: child.traceparent) == child)
  }

  @Test func theProviderReturnsTheTasksTrace() throws {
    let context = try #require(TraceContext(traceID: 255, spanID: 1, isSampled: true))
    #expect(TraceContext.metadataProvider.get().isEmpty)
    ServiceContext.withValue(ServiceContext(context)) {
      #expect(TraceContext.metadataProvider.get() == ["trace": "000000000000000000000000000000ff"])
    }
  }
}
