import ServiceKit

/// The description of the HTTP interface that `/openapi.json` serves (OpenAPI 3.1). The bounds are those that are enforced.
enum OpenAPIDocument {
  static let json = #"""
    {
      "openapi": "3.1.0",
      "info": {
        "title": "Frontdesk intake",
        "version": "\#(BuildInformation.version)",
        "summary": "Hands customer messages in.",
        "description": "A message that was answered with `accepted` or `duplicate` is stored durably. Sending a message again with the same id is always safe: it is stored once, and answered with the same identifiers."
      },
      "servers": [{ "url": "/" }],
      "security": [{ "channelKey": [] }],
      "tags": [
        { "name": "messages", "description": "Handing in and looking up messages." },
        { "name": "channels", "description": "Other ways in." }
      ],
      "paths": {
        "/v1/messages": {
          "post": {
            "operationId": "handInMessages",
            "tags": ["messages"],
            "summary": "Hands in one message or up to \#(IntakeBounds.messagesPerRequest).",
            "description": "One object is answered with one result. An array, or one object a line, is answered with one result per message, in order: 202 when at least one message is stored, 422 when none is; one wrong message is rejected alone, by its id where that can be told, also one that is damaged inside a string (half an emoji, bytes that are not UTF-8). Ids and names are compared by their bytes. A leading byte order mark is skipped. Bodies and answers over ZeroMQ have the same schemas (`Message`, `Results`, `Problem`). The body has at most \#(IntakeBounds.bodyBytes) bytes.",
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
                  "schema": { "type": "string", "description": "One message a line; empty lines are passed over." }
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
              "400": { "$ref": "#/components/responses/Problem" },
              "401": { "$ref": "#/components/responses/Problem" },
              "403": { "$ref": "#/components/responses/Problem" },
              "409": { "$ref": "#/components/responses/Problem" },
              "413": { "$ref": "#/components/responses/Problem" },
              "415": { "$ref": "#/components/responses/Problem" },
              "422": { "$ref": "#/components/responses/Problem" },
              "429": { "$ref": "#/components/responses/RetryLater" },
              "503": { "$ref": "#/components/responses/RetryLater" }
            }
          }
        },
        "/v1/messages/{id}": {
          "get": {
            "operationId": "readMessage",
            "tags": ["messages"],
            "summary": "A message that this channel handed in.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "responses": {
              "200": { "description": "The message.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/StoredMessage" } } } },
              "401": { "$ref": "#/components/responses/Problem" },
              "403": { "$ref": "#/components/responses/Problem" },
              "404": { "$ref": "#/components/responses/Problem" },
              "429": { "$ref": "#/components/responses/RetryLater" },
              "503": { "$ref": "#/components/responses/RetryLater" }
            }
          }
        },
        "/v1/tickets/{id}": {
          "get": {
            "operationId": "readTicket",
            "tags": ["messages"],
            "summary": "How a ticket of this channel stands, or one that a ticket of this channel became part of.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "responses": {
              "200": { "description": "The ticket.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } } },
              "401": { "$ref": "#/components/responses/Problem" },
              "403": { "$ref": "#/components/responses/Problem" },
              "404": { "$ref": "#/components/responses/Problem" },
              "429": { "$ref": "#/components/responses/RetryLater" },
              "503": { "$ref": "#/components/responses/RetryLater" }
            }
          }
        },
        "/v1/tickets/{id}/judgement": {
          "post": {
            "operationId": "judgeTicket",
            "tags": ["messages"],
            "summary": "What the customer says of a settled or answered ticket.",
            "description": "`solved: false` brings a person. A low rating is followed up. Saying the same again changes nothing.",
            "parameters": [{ "$ref": "#/components/parameters/ID" }],
            "requestBody": {
              "required": true,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Judgement" } } }
            },
            "responses": {
              "200": { "description": "The ticket as it is then.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } } },
              "400": { "$ref": "#/components/responses/Problem" },
              "401": { "$ref": "#/components/responses/Problem" },
              "403": { "$ref": "#/components/responses/Problem" },
              "404": { "$ref": "#/components/responses/Problem" },
              "409": { "$ref": "#/components/responses/Problem" },
              "413": { "$ref": "#/components/responses/Problem" },
              "415": { "$ref": "#/components/responses/Problem" },
              "422": { "$ref": "#/components/responses/Problem" },
              "429": { "$ref": "#/components/responses/RetryLater" },
              "503": { "$ref": "#/components/responses/RetryLater" }
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
              "400": { "$ref": "#/components/responses/Problem" },
              "401": { "$ref": "#/components/responses/Problem" },
              "403": { "$ref": "#/components/responses/Problem" },
              "429": { "$ref": "#/components/responses/RetryLater" },
              "503": { "$ref": "#/components/responses/RetryLater" }
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
          "channelKey": { "type": "http", "scheme": "bearer", "description": "A channel's key. Which channel a message comes from is told by the key alone." }
        },
        "parameters": {
          "ID": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
          "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Names the request. A message without an id of its own gets `KEY`, in a list `KEY#POSITION`. The same key with another body is refused with 422, while the first request is under way with 409. It is spent as soon as the request held one message that could be taken.",
            "schema": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.requestKeyCharacters), "pattern": "^[!-~]+$" }
          },
          "Traceparent": {
            "name": "traceparent", "in": "header", "description": "W3C Trace Context; stored with the messages.",
            "schema": { "type": "string" }
          }
        },
        "responses": {
          "Problem": {
            "description": "What was wrong and what to change (RFC 9457).",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
          },
          "RetryLater": {
            "description": "Too much at the moment; the same request may be sent again.",
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
              "id": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.idCharacters), "description": "The channel's own id. Required unless the request has an Idempotency-Key." },
              "channel": { "type": "string", "description": "May repeat the key's channel; any other is refused." },
              "customer": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.customerCharacters), "description": "The channel's own id of the customer, without U+0000 and not blank." },
              "text": { "type": "string", "minLength": 1, "maxLength": \#(IntakeBounds.textCharacters), "description": "The customer's words, without U+0000 and with at least one visible character." },
              "subject": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.subjectCharacters) },
              "thread": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.threadCharacters), "description": "The channel's own id of the conversation." },
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
            "description": "How the customer can be reached. Kept sealed (AES-256-GCM); refused by a desk without keys for it.",
            "additionalProperties": false,
            "properties": {
              "name": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.contactNameCharacters) },
              "phone": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.phoneCharacters) },
              "email": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.emailCharacters) }
            }
          },
          "Judgement": {
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
              "url": { "type": "string", "format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://", "maxLength": \#(IntakeBounds.urlCharacters), "description": "An absolute URL of http or https without user and password." },
              "media_type": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.mediaTypeCharacters), "description": "A media type (RFC 6838), with its parameters where it has any." },
              "name": { "type": ["string", "null"], "maxLength": \#(IntakeBounds.attachmentNameCharacters), "description": "One line without control characters." }
            }
          },
          "Result": {
            "type": "object",
            "required": ["status"],
            "properties": {
              "id": { "type": "string", "description": "The channel's own id; missing where none could be read." },
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
              "status": { "type": "integer", "description": "The status that the message alone would have got." },
              "detail": { "type": "string" },
              "field": { "type": "string", "description": "A JSON pointer inside the message; empty for the whole." },
              "value": { "type": "string", "description": "The offending value, shortened, where it is no customer's." },
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
              "customer": { "type": ["string", "null"], "description": "The channel's own customer on this ticket; null where several of them share it." },
              "merged_into": { "type": "string", "format": "uuid", "description": "The ticket that it became part of, where it did. What its customer writes goes there, and is answered from there." },
              "state": { "enum": ["received", "triage", "queued", "offered", "assigned", "pending", "answered", "resolved", "closed", "rejected"] },
              "queue": { "type": "string" },
              "priority": { "type": "string" },
              "opened_at": { "type": "string", "format": "date-time" },
              "closed_at": { "type": "string", "format": "date-time" },
              "queue_position": { "type": "integer", "minimum": 1, "description": "While it waits, on channels that are chats: its place in the order of its queue, 1 is next; counted up to 10,001." },
              "expected_wait_seconds": { "type": ["integer", "null"], "description": "While it waits, on channels that are chats: how long it may take, from how many were given to agents in the last minutes; null when none was." }
            }
          },
          "Gateway": {
            "type": "object",
            "required": ["endpoint", "public_key"],
            "properties": {
              "endpoint": { "type": "string", "description": "A ZeroMQ address that a client can connect to: the one that is configured as advertised, else the one that is bound; where the socket is bound to every address of its host, with the host of this request." },
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
}
