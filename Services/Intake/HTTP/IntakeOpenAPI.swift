import ServiceKit

/// The description of the HTTP interface that `/openapi.json` serves (OpenAPI 3.1). Its limits are the ones that are enforced.
enum IntakeOpenAPI {
  static let json = #"""
    {
      "openapi": "3.1.0",
      "info": {
        "title": "Frontdesk intake",
        "version": "\#(BuildInformation.version)",
        "summary": "Accepts customer messages from channels.",
        "description": "A message whose result is `accepted` or `duplicate` is stored durably. Sending a message again with the same id is always safe: it is stored once, and the response has the same identifiers."
      },
      "servers": [{ "url": "/" }],
      "security": [{ "channelKey": [] }],
      "tags": [
        { "name": "messages", "description": "Submitting and reading messages." },
        { "name": "replies", "description": "Replies to the channel's customers, and their delivery." },
        { "name": "channels", "description": "Other transports." }
      ],
      "paths": {
        "/v1/messages": {
          "post": {
            "operationId": "submitMessages",
            "tags": ["messages"],
            "summary": "Submits one message or up to \#(IntakeBounds.messagesPerRequest).",
            "description": "A single object gets a single result. An array, or one object per line, gets one result per message, in order: 202 when at least one message is stored, 422 when none is. An invalid message is rejected individually, by its id if it can be read, including one with a malformed string (half a surrogate pair, bytes that are not UTF-8). Ids and names are compared byte by byte. A leading byte order mark is skipped. Request and response bodies over ZeroMQ have the same schemas (`Message`, `Results`, `Problem`). The body has at most \#(IntakeBounds.bodyBytes) bytes.",
            "parameters": [{ "$ref": "#/components/parameters/IdempotencyKey" }, { "$ref": "#/components/parameters/Traceparent" }],
            "requestBody": {
              "required": true,
              "content": {
                "application/json": {
                  "schema": {
                    "oneOf": [
                      { "$ref": "#/components/schemas/Message" },
                      { "type": "array", "minItems": 1, "maxItems": \#(IntakeBounds.messagesPerRequest), "items": { "$ref": "#/components/schemas/Message" } }
                    ]
                  },
                  "examples": {
                    "one": { "value": { "id": "m-1", "customer": "c-42", "text": "My parcel has not arrived." } }
                  }
                },
                "application/x-ndjson": {
                  "schema": { "type": "string", "description": "One message per line; empty lines are skipped." }
                }
              }
            },
            "responses": {
              "202": {
                "description": "At least one message is stored.",
                "content": {
                  "application/json": {
                    "schema": { "oneOf": [{ "$ref": "#/components/schemas/Result" }, { "$ref": "#/components/schemas/Results" }] }
                  }
                }
              },
              \#(problems(400, 401, 403, 409, 413, 415, 422, 429, 503))
            }
          }
        },
        "/v1/messages/{id}": {
          "get": {
            "operationId": "readMessage",
            "tags": ["messages"],
            "summary": "A message that this channel submitted.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "responses": {
              "200": { "description": "The message.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/StoredMessage" } } } },
              \#(problems(401, 403, 404, 429, 503))
            }
          }
        },
        "/v1/tickets/{id}": {
          "get": {
            "operationId": "readTicket",
            "tags": ["messages"],
            "summary": "The status of a ticket of this channel, or of one that a ticket of this channel was merged into.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "responses": {
              "200": { "description": "The ticket.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } } },
              \#(problems(401, 403, 404, 429, 503))
            }
          }
        },
        "/v1/tickets/{id}/feedback": {
          "post": {
            "operationId": "submitFeedback",
            "tags": ["messages"],
            "summary": "Submits the customer's feedback on a settled or answered ticket.",
            "description": "`solved: false` brings in a human agent. A low rating is followed up. Sending the same feedback again changes nothing.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "requestBody": {
              "required": true,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Feedback" } } }
            },
            "responses": {
              "200": { "description": "The ticket after the feedback was recorded.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } } },
              \#(problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503))
            }
          }
        },
        "/v1/replies": {
          "get": {
            "operationId": "readReplies",
            "tags": ["replies"],
            "summary": "Replies to this channel's customers, in order, from a cursor on.",
            "description": "The order of a conversation is kept, and a cursor never passes a reply that is stored later. Store `next` once the replies are handed on; the same `after` returns the same replies again, each with the same `reply_id`. A reply that a key with full access has got counts as fetched.",
            "parameters": [
              { "$ref": "#/components/parameters/After" },
              { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": \#(IntakeBounds.repliesPerPage), "default": \#(IntakeBounds.repliesPerPage) } }
            ],
            "responses": {
              "200": { "description": "The replies; none when there are no more.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Replies" } } } },
              \#(problems(401, 403, 422, 429, 503))
            }
          }
        },
        "/v1/replies/stream": {
          "get": {
            "operationId": "streamReplies",
            "tags": ["replies"],
            "summary": "The same replies as server-sent events, as they are written.",
            "description": "Each event `reply` has a `Reply` as its data and the cursor behind it as its id. A comment is sent every \#(IntakeBounds.replyHeartbeat.components.seconds) seconds without replies. A client that reconnects sends `Last-Event-ID` and misses nothing. A key may have \#(IntakeBounds.replyStreamsPerKey) open streams.",
            "parameters": [
              { "$ref": "#/components/parameters/After" },
              { "name": "Last-Event-ID", "in": "header", "description": "Takes precedence over `after`.", "schema": { "type": "string" } }
            ],
            "responses": {
              "200": { "description": "Events, until the connection ends.", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
              \#(problems(401, 403, 422, 429, 503))
            }
          }
        },
        "/v1/replies/receipts": {
          "post": {
            "operationId": "submitReceipts",
            "tags": ["replies"],
            "summary": "Reports which replies were fetched, delivered, read, or failed.",
            "description": "Agents see the state. A report moves a reply forward only: `fetched`, `delivered`, `read`, with any step skipped, or `failed` from every state before `read`. Sending a report again changes nothing.",
            "requestBody": {
              "required": true,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Receipts" } } }
            },
            "responses": {
              "200": { "description": "One result per report, in order.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ReceiptResults" } } } },
              \#(problems(400, 401, 403, 413, 415, 422, 429, 503))
            }
          }
        },
        "/v1/gateway": {
          "get": {
            "operationId": "readGateway",
            "tags": ["channels"],
            "summary": "Where channels connect over ZeroMQ, and the socket's public CURVE key.",
            "responses": {
              "200": { "description": "The gateway.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Gateway" } } } },
              \#(problems(400, 401, 403, 429, 503))
            }
          }
        },
        "/openapi.json": {
          "get": {
            "operationId": "readDescription",
            "tags": ["channels"],
            "summary": "This description.",
            "security": [],
            "responses": {
              "200": { "description": "OpenAPI 3.1.", "content": { "application/json": { "schema": { "type": "object" } } } }
            }
          }
        }
      },
      "components": {
        "securitySchemes": {
          "channelKey": { "type": "http", "scheme": "bearer", "description": "A channel's key. The key alone determines the channel of a message." }
        },
        "parameters": {
          "ID": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
          "After": { "name": "after", "in": "query", "description": "A cursor: `next` of a page, `cursor` of a reply, or the id of an event. Without one the list begins with the oldest reply that is kept.", "schema": { "type": "string" } },
          "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Identifies the request. A message without its own id gets `KEY`, in a list `KEY#POSITION`. The same key with a different body is refused with 422, and with 409 while the first request is in progress. The key is used up once a request contained at least one acceptable message.",
            "schema": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.requestKeyCharacters), "pattern": "^[!-~]+$" }
          },
          "Traceparent": {
            "name": "traceparent", "in": "header", "description": "W3C Trace Context; stored with the messages.",
            "schema": { "type": "string" }
          }
        },
        "responses": {
          "Problem": {
            "description": "What is wrong and how to fix it (RFC 9457).",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
          },
          "RetryLater": {
            "description": "Too much load, or temporarily unavailable; the same request may be sent again.",
            "headers": { "Retry-After": { "description": "Seconds.", "schema": { "type": "integer", "minimum": 1 } } },
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
          }
        },
        "schemas": {
          "Message": {
            "type": "object",
            "required": ["customer", "text"],
            "additionalProperties": false,
            "properties": {
              "id": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.idCharacters), "description": "The channel's id of the message. Required unless the request has an Idempotency-Key." },
              "channel": { "type": "string", "description": "Optional; must be the key's channel if present." },
              "customer": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.customerCharacters), "description": "The channel's id of the customer, without U+0000 and not blank." },
              "text": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.textCharacters), "description": "The message text, without U+0000 and with at least one visible character." },
              "subject": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.subjectCharacters) },
              "thread": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.threadCharacters), "description": "The channel's id of the conversation." },
              "sent_at": { "type": ["string", "null"], "format": "date-time" },
              "attributes": {
                "type": ["object", "null"],
                "maxProperties": \#(IntakeBounds.attributes),
                "additionalProperties": { "type": "string", "maxLength": \#(IntakeBounds.attributeValueCharacters) },
                "propertyNames": { "minLength": 1, "maxLength": \#(IntakeBounds.attributeNameCharacters), "not": { "const": "\#(MessageRules.reservedAttribute)" } }
              },
              "attachments": { "type": ["array", "null"], "maxItems": \#(IntakeBounds.attachments), "items": { "$ref": "#/components/schemas/Attachment" } },
              "contact": { "$ref": "#/components/schemas/Contact" }
            }
          },
          "Contact": {
            "type": ["object", "null"],
            "description": "How the customer can be reached. Stored encrypted (AES-256-GCM); refused by an installation without contact keys.",
            "additionalProperties": false,
            "properties": {
              "name": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.contactNameCharacters) },
              "phone": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.phoneCharacters) },
              "email": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.emailCharacters) }
            }
          },
          "Feedback": {
            "type": "object",
            "required": ["solved"],
            "additionalProperties": false,
            "properties": {
              "solved": { "type": "boolean" },
              "rating": { "type": ["integer", "null"], "minimum": 1, "maximum": 5 },
              "comment": { "type": ["string", "null"], "minLength": 1, "maxLength": \#(IntakeBounds.textCharacters) }
            }
          },
          "Attachment": {
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
              "url": { "type": "string", "format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://", "maxLength": \#(IntakeBounds.urlCharacters), "description": "An absolute http or https URL without user and password." },
              "media_type": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.mediaTypeCharacters), "description": "A media type (RFC 6838), with its parameters, if any." },
              "name": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.attachmentNameCharacters), "description": "One line without control characters." }
            }
          },
          "Result": {
            "type": "object",
            "required": ["status"],
            "properties": {
              "id": { "type": "string", "description": "The channel's id of the message; missing if it could not be read." },
              "status": { "enum": ["accepted", "duplicate", "rejected"] },
              "message_id": { "type": "string", "format": "uuid" },
              "ticket_id": { "type": "string", "format": "uuid" },
              "problem": { "$ref": "#/components/schemas/MessageProblem" }
            }
          },
          "Results": {
            "type": "object",
            "required": ["results"],
            "properties": { "results": { "type": "array", "items": { "$ref": "#/components/schemas/Result" } } }
          },
          "MessageProblem": {
            "type": "object",
            "required": ["type", "status", "detail", "field", "remedy"],
            "properties": {
              "type": { "type": "string", "format": "uri" },
              "status": { "type": "integer", "description": "The status that the message would have had in its own request." },
              "detail": { "type": "string" },
              "field": { "type": "string", "description": "A JSON pointer into the message; empty for the message as a whole." },
              "value": { "type": "string", "description": "The offending value, shortened; left out if it is customer data." },
              "remedy": { "type": "string" }
            }
          },
          "StoredMessage": {
            "type": "object",
            "required": ["message_id", "ticket_id", "channel", "customer", "text", "received_at", "state"],
            "properties": {
              "message_id": { "type": "string", "format": "uuid" },
              "ticket_id": { "type": "string", "format": "uuid" },
              "channel": { "type": "string" },
              "customer": { "type": "string" },
              "subject": { "type": "string" },
              "text": { "type": "string" },
              "received_at": { "type": "string", "format": "date-time" },
              "state": { "enum": ["received", "decided"] }
            }
          },
          "Ticket": {
            "type": "object",
            "required": ["ticket_id", "channel", "customer", "state", "opened_at"],
            "properties": {
              "ticket_id": { "type": "string", "format": "uuid" },
              "channel": { "type": "string" },
              "customer": { "type": ["string", "null"], "description": "The channel's customer on this ticket; null if several of its customers share it." },
              "merged_into": { "type": "string", "format": "uuid", "description": "The ticket into which it was merged, if any. New messages of its customer go there and are answered from there." },
              "state": { "enum": ["received", "triage", "queued", "offered", "assigned", "pending", "answered", "resolved", "closed", "rejected"] },
              "queue": { "type": "string" },
              "priority": { "type": "string" },
              "opened_at": { "type": "string", "format": "date-time" },
              "closed_at": { "type": "string", "format": "date-time" },
              "replies": { "type": "array", "items": { "$ref": "#/components/schemas/Reply" }, "description": "The newest replies to the channel's customer, when the ticket is read; at most \#(IntakeBounds.repliesPerTicket)." },
              "queue_position": { "type": "integer", "minimum": 1, "description": "While it waits, on chat channels only: its position in its queue, 1 is next; counted up to 10,001." },
              "expected_wait_seconds": { "type": ["integer", "null"], "description": "While it waits, on chat channels only: the expected wait, from the number of tickets assigned to agents in the last minutes; null if there were none." }
            }
          },
          "Reply": {
            "type": "object",
            "required": ["reply_id", "cursor", "ticket_id", "customer", "text", "attachments", "written_at", "state", "state_at"],
            "properties": {
              "reply_id": { "type": "string", "format": "uuid", "description": "Stable: a channel drops a reply that it has already delivered." },
              "cursor": { "type": "string" },
              "ticket_id": { "type": "string", "format": "uuid" },
              "customer": { "type": "string", "description": "The channel's id of the customer." },
              "text": { "type": "string" },
              "attachments": { "type": "array", "items": { "$ref": "#/components/schemas/Attachment" } },
              "written_at": { "type": "string", "format": "date-time" },
              "state": { "enum": ["waiting", "fetched", "delivered", "read", "failed"] },
              "state_at": { "type": "string", "format": "date-time" },
              "reason": { "type": "string", "description": "Why it failed." }
            }
          },
          "Replies": {
            "type": "object",
            "required": ["replies", "next"],
            "properties": {
              "replies": { "type": "array", "items": { "$ref": "#/components/schemas/Reply" } },
              "next": { "type": "string", "description": "The cursor behind these replies." }
            }
          },
          "Receipts": {
            "type": "object",
            "required": ["receipts"],
            "additionalProperties": false,
            "properties": {
              "receipts": {
                "type": "array", "minItems": 1, "maxItems": \#(IntakeBounds.receiptsPerRequest),
                "items": {
                  "type": "object",
                  "required": ["reply_id", "state"],
                  "additionalProperties": false,
                  "properties": {
                    "reply_id": { "type": "string", "format": "uuid" },
                    "state": { "enum": ["fetched", "delivered", "read", "failed"] },
                    "at": { "type": ["string", "null"], "format": "date-time", "description": "By the channel's clock; later than now counts as now." },
                    "reason": { "type": ["string", "null"], "minLength": 1, "maxLength": \#(IntakeBounds.failureReasonCharacters), "description": "Why it failed; only with `failed`. Agents see it." }
                  }
                }
              }
            }
          },
          "ReceiptResults": {
            "type": "object",
            "required": ["results"],
            "properties": {
              "results": {
                "type": "array",
                "items": {
                  "type": "object",
                  "required": ["reply_id", "status"],
                  "properties": {
                    "reply_id": { "type": "string", "format": "uuid" },
                    "status": { "enum": ["recorded", "unchanged", "contradicted", "unknown"], "description": "`contradicted`: the reply had failed, or had been read, and stays so. `unknown`: the channel has no such reply." },
                    "state": { "enum": ["waiting", "fetched", "delivered", "read", "failed"] }
                  }
                }
              }
            }
          },
          "Gateway": {
            "type": "object",
            "required": ["endpoint", "public_key"],
            "properties": {
              "endpoint": { "type": "string", "description": "A ZeroMQ endpoint that a client can connect to: the advertised endpoint if configured, else the bound one; if the socket is bound to every address of its host, with the host of this request." },
              "public_key": { "type": "string", "minLength": 40, "maxLength": 40, "description": "Z85." }
            }
          },
          "Problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
              "type": { "type": "string", "format": "uri-reference" },
              "title": { "type": "string" },
              "status": { "type": "integer" },
              "detail": { "type": "string" },
              "instance": { "type": "string" },
              "errors": {
                "type": "array",
                "items": {
                  "type": "object",
                  "required": ["field", "detail"],
                  "properties": {
                    "field": { "type": "string" },
                    "value": { "type": "string" },
                    "detail": { "type": "string" },
                    "remedy": { "type": "string" }
                  }
                }
              },
              "results": { "type": "array", "items": { "$ref": "#/components/schemas/Result" } }
            }
          }
        }
      }
    }
    """#

  /// The members of `responses` for these statuses.
  private static func problems(_ statuses: Int...) -> String {
    statuses.map { status in
      let name = [429, 503].contains(status) ? "RetryLater" : "Problem"
      return "\"\(status)\": { \"$ref\": \"#/components/responses/\(name)\" }"
    }.joined(separator: ", ")
  }
}
