-- Version 96: the trace that a delivery belongs to, as a W3C `traceparent`; null if the trace is not recorded. A row of the build before
-- this has none, and its notifier ignores it.
ALTER TABLE desk.outbox ADD COLUMN traceparent text;
