package import ArgumentParser
import CommandLineTool
import Curl
import Foundation

/// Checks a service's health; for container health checks, where no other client is available.
package struct HealthCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Check a service's health; exits with 0 when it reports that it is healthy.",
    discussion: "/readyz is requested where the URL has no path.")

  @Argument(help: "The URL, such as http://127.0.0.1:9100/readyz; default: port 9100 of this host.")
  var url = "http://127.0.0.1:9100/readyz"

  @Option(help: "How long to wait for the answer.", transform: DurationArgument.read)
  var timeout = DurationArgument(.seconds(2), "2s")

  package init() {}

  package func validate() throws {
    guard (Duration.milliseconds(100)...(.seconds(60))).contains(timeout.duration) else {
      throw ValidationError("--timeout must be from 100ms to 60s")
    }
  }

  package func run() async throws {
    guard var target = URLComponents(string: url), target.host != nil else {
      throw ValidationError("'\(url)' is not a URL; write http://HOST:PORT/readyz")
    }
    if target.path.isEmpty || target.path == "/" { target.path = "/readyz" }
    let client = try HTTPClient()
    let outcome: Result<HTTPClient.Response, any Error>
    do {
      outcome = .success(
        try await client.send(
          .init(url: target.string ?? url, timeout: timeout.duration, connectTimeout: timeout.duration)))
    } catch {
      outcome = .failure(error)
    }
    await client.shutDown()
    switch outcome {
    case .success(let response):
      // For people: bytes that are not UTF-8 are shown as such.
      Terminal.say(String(decoding: response.body, as: UTF8.self).trimmingCharacters(in: .newlines))
      if response.status != 200 {
        throw CommandFailure("\(target.path) answered with status \(response.status)", remedy: "see the reasons above")
      }
    case .failure(let error):
      throw CommandFailure("no answer: \(error)", remedy: "check that the service is running and listens there")
    }
  }
}
