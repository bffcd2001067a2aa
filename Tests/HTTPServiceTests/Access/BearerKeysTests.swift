import HTTPTypes
import Testing

@testable import HTTPService

@Suite struct BearerKeysTests {
  private func refusal(_ authorization: String?) async -> HTTPProblem? {
    let keys = BearerKeys { _ in [:] }
    do {
      _ = try await keys.key(authorization: authorization, remedy: "Send one.")
      return nil
    } catch {
      return error as? HTTPProblem
    }
  }

  @Test(
    arguments: [
      (nil, "has no API key"), ("Basic YW5uOnNlY3JldA==", "does not contain a bearer key"),
      ("Bearer", "does not contain a bearer key"), ("Bearer nope", "malformed: a key has 16 to 256 characters"),
      ("bearer fd_with a space inside", "malformed"),
      ("Bearer fd_unknown_but_long_enough", "unknown or has been revoked"),
    ] as [(String?, String)])
  func aRefusalNamesWhatIsWrong(_ authorization: String?, _ words: String) async throws {
    let problem = try #require(await refusal(authorization))
    #expect(problem.status == .unauthorized)
    #expect(problem.detail?.contains(words) == true, "\(problem.detail ?? "")")
    #expect(problem.errors.first?.remedy == "Send one.")
  }
}
