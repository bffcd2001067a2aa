-- What a customer is sent keeps its order within a conversation: `claim_notices` looks for earlier deliveries of the same ticket to the same
-- hook. The kinds are `OutboxStore.orderedKinds`.
CREATE INDEX outbox_conversation ON desk.outbox (ticket_id, hook, created_at, id)
  WHERE kind IN ('message.replied', 'ticket.confirmation_asked');
