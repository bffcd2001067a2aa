import DeskCore

extension HookBackOff {
  /// The pauses of `NotifierBounds`.
  init() {
    self.init(
      RetryPacing(
        ExponentialBackOff(
          from: NotifierBounds.firstRest, upTo: NotifierBounds.longestRest, jitter: NotifierBounds.restJitter),
        longestAsked: NotifierBounds.longestAskedRest))
  }
}
