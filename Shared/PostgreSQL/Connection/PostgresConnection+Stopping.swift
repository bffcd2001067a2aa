// Aborting a request: the task was cancelled or the deadline has passed.

import EventThread

extension PostgresConnection {
  /// Stops a request if it is still in progress.
  ///
  /// A waiting one is removed from the queue. The server can only cancel *what it is executing*, so it is asked
  /// only when no other request can be hit: when everything in flight is to be stopped. The caller then learns how the
  /// request really ended. Otherwise the caller returns immediately, and the server's remaining answers are dropped.
  func stop(_ id: UInt64, _ reason: PostgresError.Code) {
    let message = reason == .cancelled ? "the task was cancelled" : "the deadline has passed"
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      waiting.remove(at: index).abandon(reason, message, wasSent: false)
      dispatch()
      return
    }
    guard let exchange = inFlight.first(where: { $0.id == id }), exchange.stopReason == nil else { return }
    exchange.stopReason = reason
    if inFlight.allSatisfy({ $0.stopReason != nil }) {
      cancelAbandoned()
    } else {
      exchange.abandon(reason, message, wasSent: true)
    }
  }

  /// Cancels on the server when no caller needs its work any more.
  func cancelAbandoned() {
    if !inFlight.isEmpty, inFlight.allSatisfy({ $0.stopReason != nil }) { cancelOnServer() }
  }

  /// Ends the grace time when every stopped request has ended; others may be in flight by then.
  func endGrace() {
    guard machine.isCancelling, !inFlight.contains(where: { $0.stopReason != nil }) else { return }
    if let timer = machine.stoppedRequestsEnded() { eventThread.reactor.cancel(timer) }
  }

  private func cancelOnServer() {
    guard let handle, let target = inFlight.first else { return }
    let isDue = machine.cancel {
      after(PostgresLimits.cancellationGrace) { connection in
        connection.close(PostgresError(.connectionLost, "a cancelled statement did not end"))
      }
    }
    guard isDue else { return }
    let (address, targetID) = (handle.makeCancelAddress(), target.id)
    Task {
      await BlockingCall.run { PostgresHandle.cancelBlocking(address: address) }
      self.cancelEnded(targetID)
    }
  }

  private func cancelEnded(_ targetID: UInt64) {
    machine.cancelSent()
    dispatch()
    // The target has ended, and requests behind it may have to be stopped as well.
    guard inFlight.first?.id == targetID else { return cancelAbandoned() }
    // The server may have been asked before it had begun, which it silently ignores: it is asked again.
    _ = after(PostgresLimits.cancellationRepetition) { connection in
      if connection.inFlight.first?.id == targetID { connection.cancelAbandoned() }
    }
  }
}
