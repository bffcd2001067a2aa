// What the modules under assets/ are checked against: the shapes of the interface under /v1, as /openapi.json describes them, and what browsers
// have that the compiler's library does not know. Nothing of it reaches a browser.

/** What `h` in dom.js puts into an element. */
type Child = Node | string | number | null | undefined | false | Child[];

declare namespace API {
  /** RFC 3339. */
  type Time = string;
  type Role = 'agent' | 'lead' | 'operator' | 'auditor';
  type Priority = 'low' | 'normal' | 'high' | 'urgent';

  /** `GET /v1/me` */
  interface Caller {
    role: Role;
    agent: string | null;
    label: string;
    read_only: boolean;
    session: Session | null;
    at: Time;
  }

  interface Session {
    session_id: string;
    role: Role;
    agent: string | null;
    label: string;
    created_at: Time;
    expires_at: Time;
    seen_at: Time;
    is_current: boolean;
  }

  /** A promise to a customer. */
  interface Clock {
    due_at: Time | null;
    allowed_seconds: number;
    notified_percent: number;
    paused_at: Time | null;
    met_at: Time | null;
    ended_at: Time | null;
  }

  interface Delivery {
    state: string;
    at: Time;
    reason?: string | null;
  }

  interface Attachment {
    url: string;
    name?: string | null;
  }

  interface Message {
    message_id: string;
    kind: 'customer' | 'reply' | 'note';
    channel?: string;
    author: string;
    addressee?: string | null;
    subject?: string | null;
    text: string;
    attachments?: Attachment[];
    attributes?: Record<string, string>;
    at: Time;
    delivery?: Delivery | null;
  }

  interface CallBack {
    number: number;
    state: string;
    origin: string;
    owner: string | null;
    due_at: Time;
    moves: number;
    promised_at: Time;
    broken_at: Time | null;
    ended_at: Time | null;
  }

  interface ListedCallBack extends CallBack {
    ticket_id: string;
    queue: string | null;
  }

  interface Labels {
    category: string;
    intent: string;
    confidence: number;
    urgency: string;
    sentiment: string;
    language: string;
  }

  interface Suggestion {
    article: string;
    coverage: number;
    title: string | null;
    answer: string | null;
    steps: string[];
  }

  interface TicketLink {
    ticket_id: string;
    kind: string;
  }

  interface Ticket {
    ticket_id: string;
    version: number;
    state: string;
    channel: string;
    customer: string;
    tier: string;
    queue: string | null;
    priority: Priority;
    agent: string | null;
    opened_at: Time;
    clocks: Record<string, Clock | null>;
    escalation_steps: number;
    skills?: { skill: string; level: number }[];
    reply_to?: { channel: string; customer: string };
    suggested_move?: { queue: string | null; priority: Priority } | null;
    fields?: Record<string, string>;
    question?: object | null;
    labels?: Labels | null;
    call_back?: CallBack | null;
    messages: Message[];
    messages_next?: string | null;
    links?: TicketLink[];
    articles?: Suggestion[];
    guesses?: { category: string; intent: string; share: number }[];
    attributes?: Record<string, string>;
    crm?: { state: string; at: Time | null; fields: Record<string, string> };
  }

  interface TimelineEntry {
    version: number;
    position: number;
    kind: string;
    actor: string;
    at: Time;
    detail: object;
  }

  interface Notice {
    notice_id: string;
    kind: string;
    ticket_id: string | null;
    /** What the notice is about; its fields depend on the kind. */
    detail: any;
    at: Time;
    read_at: Time | null;
  }

  interface Agent {
    agent: string;
    presence: 'available' | 'away' | 'reserve' | 'offline';
    load: number;
    capacity: number;
    idle_since: Time;
    seen_at: Time;
    break_reason?: string | null;
    break_until?: Time | null;
  }

  /** Agents: available with and without free capacity, in reserve, away, offline. */
  interface Staff {
    free: number;
    full: number;
    reserve: number;
    away: number;
    offline: number;
  }

  interface WallboardQueue {
    queue: string;
    waiting: number;
    offered: number;
    assigned: number;
    late: number;
    oldest_waiting_since: Time | null;
    /** Null when nobody took a ticket lately. */
    expected_wait_seconds: number | null;
    kept_today: { met: number; breached: number } | null;
    agents: Staff;
  }

  interface Finding {
    code: string;
    urgent: boolean;
    subject: string | null;
    count: number;
    seconds: number;
  }

  interface WallboardCrisis {
    crisis: string;
    cause: string;
    owner: string | null;
    opened_at: Time;
    version: number;
    open_points: number;
    points: number;
  }

  /** `GET /v1/wallboard` */
  interface Wallboard {
    at: Time;
    findings: Finding[];
    queues: WallboardQueue[];
    agents: Staff;
    undecided: { waiting: number; oldest_age_seconds: number | null };
    dead_letters: number;
    ready: Record<string, number>;
    stuck: { queue: string; reason: string; waiting: number; began_at: Time }[];
    hot_issues: { category: string; tickets: number; expected: number }[];
    hot_issues_judged: boolean;
    crises: WallboardCrisis[];
    today: { zone: string; start: Time } | null;
  }

  /** `GET /v1/queues/flow` */
  interface QueueFlow {
    counted_until: Time;
    interval_seconds: number;
    starts: Time[];
    queues: { queue: string; arrivals: number[]; answers: number[] }[];
  }

  interface Crisis {
    crisis: string;
    cause: string;
    state: 'open' | 'ended';
    owner: string | null;
    opened_at: Time;
    opened_by: string;
    first_seen: Time;
    reason: string | null;
    kinds: string[];
    tickets_at_opening: number;
    angry_at_opening: number;
    expected?: number | null;
    examples: string[];
    checklist: any[];
    answers: any[];
    ended_at: Time | null;
    ended_by: string | null;
    end_reason: string | null;
    figures?: any;
  }
}

interface Array<T> {
  /** ES2023 */
  findLast(isWanted: (value: T, index: number, list: T[]) => boolean): T | undefined;
}

interface Navigator {
  readonly userActivation?: { readonly hasBeenActive: boolean; readonly isActive: boolean };
}

interface HTMLElement {
  /** The Popover interface of the HTML Living Standard. */
  showPopover(): void;
  hidePopover(): void;
}
