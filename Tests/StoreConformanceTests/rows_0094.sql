-- Rows of version 94 with every name that version 95 changes. A held ticket, linked with one that has ended and is sealed.
INSERT INTO desk.open_ticket (channel, customer, ticket_id, opened_at, messages)
VALUES ('web', 'ann', '019b8e07-4600-7000-8000-000000000001', '2026-01-05 12:00Z', 1);
INSERT INTO desk.ticket (id, version, state, channel, customer, opened_at, queue, agent, last_agent, holder, service_level,
  first_early_at, first_allowed_us, first_due_at, first_paused_at, first_told, resolution_allowed_us, resolution_due_at, resolution_told,
  clock_state, reply_owed_since, waiting_since)
VALUES ('019b8e07-4600-7000-8000-000000000001', 4, 'assigned', 'web', 'ann', '2026-01-05 12:00Z', 'billing', 'ada', 'ada', 'ada', 'p',
  '2026-01-05 12:10Z', 3600000000, '2026-01-05 13:00Z', '2026-01-05 12:50Z', 80, 36000000000, '2026-01-05 22:00Z', 50,
  '{"next_allowed_us": 600000000, "next_since_us": 1767614400000000, "next_due_us": 1767615000000000, "next_told": 75, "climbed": 2}',
  '2026-01-05 12:30Z', NULL);

-- Ended before `reply_owed_since` was a column.
INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
VALUES ('019b8d99-6900-7000-8000-000000000002', 'closed', 'web', 'bob', 'billing', '2026-01-05 10:00Z', '2026-01-05 11:00Z',
  '{"tier": "vip", "category": "refund", "first_told": 100, "resolution_told": 0, "first_early_at": null,
    "first_due_at": "2026-01-05T10:30:00+00:00", "first_met_at": "2026-01-05T10:40:00+00:00",
    "clock_state": {"climbed": 1, "first_used_us": 7}}'),
  ('019b8d99-6900-7000-8000-000000000003', 'rejected', 'web', 'cyn', NULL, '2026-01-05 10:00Z', '2026-01-05 11:00Z',
  '{"tier": "standard", "first_told": 0, "resolution_told": 0, "clock_state": null, "reply_owed_since": null}');

INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail) VALUES
  ('019b8d99-6900-7000-8000-000000000002', 2, 0, 'absorbed', 'agent:ada', '2026-01-05 10:10Z',
   '{"ticket": "019b8e07-4600-7000-8000-000000000001", "reason": "one matter", "reply_owed_since_us": 1767607800000000}'),
  ('019b8d99-6900-7000-8000-000000000002', 3, 0, 'judged', 'customer', '2026-01-05 10:20Z', '{"solved": true, "rating": 5}');
INSERT INTO desk.timeline_range (from_id, to_id)
VALUES ('019b8d99-6900-0000-0000-000000000000', '019b8e07-4600-0000-0000-000000000000');
UPDATE desk.timeline_range SET sealed_at = now();

INSERT INTO desk.ticket_tie (ticket, other, kind, by_agent)
VALUES ('019b8e07-4600-7000-8000-000000000001', '019b8d99-6900-7000-8000-000000000002', 'related', 'ada');
INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body, died_at)
VALUES ('019b8e07-4600-7000-8000-000000000004', 'notice', '019b8e07-4600-7000-8000-000000000001', 'shop', 'gone', '{"kind": "ticket.queued"}',
  '2026-01-05 12:05Z');
INSERT INTO desk.hook_state (hook, failing_since, failures, noticed_at) VALUES ('shop', '2026-01-05 12:00Z', 3, '2026-01-05 12:20Z');
INSERT INTO desk.feedback_group (id, category, signature, first_message, first_ticket, opened_at, last_at, messages)
VALUES ('019b8e07-4600-7000-8000-000000000005', 'suggestion', decode(repeat('00', 256), 'hex'), '019b8e07-4600-7000-8000-000000000006',
  '019b8e07-4600-7000-8000-000000000001', '2026-01-05 12:00Z', '2026-01-05 12:00Z', 1);
INSERT INTO desk.feedback (message, ticket, gathered, at)
VALUES ('019b8e07-4600-7000-8000-000000000006', '019b8e07-4600-7000-8000-000000000001', '019b8e07-4600-7000-8000-000000000005',
  '2026-01-05 12:00Z');
INSERT INTO desk.shadow_tally (champion, challenger, champion_says, challenger_says, messages, champion_automatic, challenger_automatic,
  champion_confidence, challenger_confidence, champion_unfamiliar, challenger_unfamiliar)
VALUES ('linear-1', 'linear-2', 'refund', 'parcel', 4, 3, 2, 3.5, 2.5, 0.5, 0.25);
UPDATE desk.watch_cursor SET upto = '019b8e07-4600-7000-8000-000000000001';
SELECT desk.audit_append('customer.set', 'web', '{"customer": "ann", "tier": "vip", "reason": "contract"}');
