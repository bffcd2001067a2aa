internal import CCurl
internal import EventThread

/// A reactor whose event thread waits in libcurl's multi handle.
///
/// `@unchecked Sendable`: `wake()` uses only the immutable handle, which libcurl allows from any thread; everything else
/// runs on the event thread, from `turn` or from the `TransferEngine` actor whose executor that thread is.
final class TransferReactor: Reactor, @unchecked Sendable {
  private let multi: UnsafeMutableRawPointer
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  private var nextDeadline: ContinuousClock.Instant?

  init(configuration: HTTPClient.Configuration) throws {
    guard CurlLibrary.isReady, let multi = curl_multi_init() else {
      throw HTTPClientError(.internalFailure, host: nil, reason: "libcurl cannot be initialised")
    }
    self.multi = multi
    ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost)
    ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections)
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, CurlBounds.idleConnections)
  }

  deinit {
    for easy in transfers.keys { curl_multi_remove_handle(multi, easy) }
    transfers.removeAll()
    curl_multi_cleanup(multi)
  }

  /// Adds a transfer. Its `onEnd` is called later, from a loop iteration, or at once if it cannot be started.
  func add(_ transfer: Transfer) {
    transfers[transfer.easy] = transfer
    let code = curl_multi_add_handle(multi, transfer.easy)
    guard code == CURLM_OK else {
      let reason = String(cString: curl_multi_strerror(code))
      return finish(transfer, .failed(HTTPClientError(.internalFailure, host: transfer.host, reason: reason)))
    }
    if let deadline = transfer.deadline { nextDeadline = min(nextDeadline ?? deadline, deadline) }
  }

  /// Ends a transfer early. Has no effect on one that has already ended.
  func abort(_ transfer: Transfer, _ end: Transfer.End) {
    guard transfers[transfer.easy] === transfer else { return }
    finish(transfer, end)
  }

  func abortAll() {
    for transfer in Array(transfers.values) {
      abort(
        transfer, .failed(HTTPClientError(.aborted, host: transfer.host, reason: "the client was shut down")))
    }
  }

  // MARK: - Reactor

  func turn(waitingAtMost timeout: Duration?) {
    var wait = min(timeout ?? CurlBounds.longestWait, CurlBounds.longestWait)
    if let nextDeadline { wait = min(wait, max(.zero, nextDeadline - .now)) }
    curl_multi_poll(multi, nil, 0, Int32(clamping: wait.milliseconds), nil)
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    collectFinished()
    expireOverdue()
  }

  func wake() {
    curl_multi_wakeup(multi)
  }

  private func collectFinished() {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = transfers[easy]
      else { continue }
      let code = message.pointee.data.result
      // The message is invalid from here on.
      if code == CURLE_OK {
        transfer.deliverHead()
        finish(transfer, .complete)
      } else {
        let failure = HTTPClientError(
          curlCode: code, host: transfer.host, mayHaveArrived: transfer.hasSentRequest)
        finish(transfer, .failed(transfer.ownFailure ?? failure))
      }
    }
  }

  private func expireOverdue() {
    guard let deadline = nextDeadline else { return }
    let now = ContinuousClock.now
    guard deadline <= now else { return }
    let overdue = transfers.values.filter { $0.deadline.map { $0 <= now } ?? false }
    for transfer in overdue {
      let failure = HTTPClientError(
        .timedOut, host: transfer.host, reason: "the request timed out", mayHaveArrived: transfer.hasSentRequest)
      abort(transfer, .failed(failure))
    }
    nextDeadline = transfers.values.lazy.compactMap(\.deadline).min()
  }

  private func finish(_ transfer: Transfer, _ end: Transfer.End) {
    curl_multi_remove_handle(multi, transfer.easy)
    transfers[transfer.easy] = nil
    let onEnd = transfer.onEnd
    // The closures refer to the transfer's owner: releasing them breaks the cycle.
    transfer.onHead = nil
    transfer.onBody = nil
    transfer.onEnd = nil
    onEnd?(end)
  }
}

/// libcurl's one-time initialisation, which must not run concurrently.
enum CurlLibrary {
  static let isReady = ccurl_global_init() == CURLE_OK
}
