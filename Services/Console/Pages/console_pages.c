/* The files of the console's pages. `#embed` is C23; clang takes it in every mode. A file that is not listed fails a test. */
#include "console_pages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char access_lists_js[] = {
#embed "assets/access-lists.js"
};
static const unsigned char acts_js[] = {
#embed "assets/acts.js"
};
static const unsigned char api_js[] = {
#embed "assets/api.js"
};
static const unsigned char attention_js[] = {
#embed "assets/attention.js"
};
static const unsigned char audit_text_js[] = {
#embed "assets/audit-text.js"
};
static const unsigned char callback_list_js[] = {
#embed "assets/callback-list.js"
};
static const unsigned char callback_time_js[] = {
#embed "assets/callback-time.js"
};
static const unsigned char callbacks_js[] = {
#embed "assets/callbacks.js"
};
static const unsigned char changed_js[] = {
#embed "assets/changed.js"
};
static const unsigned char clock_js[] = {
#embed "assets/clock.js"
};
static const unsigned char composer_js[] = {
#embed "assets/composer.js"
};
static const unsigned char conversation_js[] = {
#embed "assets/conversation.js"
};
static const unsigned char crises_js[] = {
#embed "assets/crises.js"
};
static const unsigned char dead_letters_js[] = {
#embed "assets/dead-letters.js"
};
static const unsigned char desk_css[] = {
#embed "assets/desk.css"
};
static const unsigned char dialogs_js[] = {
#embed "assets/dialogs.js"
};
static const unsigned char difference_js[] = {
#embed "assets/difference.js"
};
static const unsigned char dom_js[] = {
#embed "assets/dom.js"
};
static const unsigned char drafts_js[] = {
#embed "assets/drafts.js"
};
static const unsigned char explain_js[] = {
#embed "assets/explain.js"
};
static const unsigned char icon_svg[] = {
#embed "assets/icon.svg"
};
static const unsigned char icons_svg[] = {
#embed "assets/icons.svg"
};
static const unsigned char inspections_js[] = {
#embed "assets/inspections.js"
};
static const unsigned char intents_js[] = {
#embed "assets/intents.js"
};
static const unsigned char keys_js[] = {
#embed "assets/keys.js"
};
static const unsigned char listing_js[] = {
#embed "assets/listing.js"
};
static const unsigned char main_js[] = {
#embed "assets/main.js"
};
static const unsigned char notices_js[] = {
#embed "assets/notices.js"
};
static const unsigned char notify_js[] = {
#embed "assets/notify.js"
};
static const unsigned char offer_js[] = {
#embed "assets/offer.js"
};
static const unsigned char office_css[] = {
#embed "assets/office.css"
};
static const unsigned char overseer_stream_js[] = {
#embed "assets/overseer-stream.js"
};
static const unsigned char page_callbacks_js[] = {
#embed "assets/page-callbacks.js"
};
static const unsigned char page_desk_js[] = {
#embed "assets/page-desk.js"
};
static const unsigned char page_operations_js[] = {
#embed "assets/page-operations.js"
};
static const unsigned char page_people_js[] = {
#embed "assets/page-people.js"
};
static const unsigned char page_policy_js[] = {
#embed "assets/page-policy.js"
};
static const unsigned char page_quality_js[] = {
#embed "assets/page-quality.js"
};
static const unsigned char page_reports_js[] = {
#embed "assets/page-reports.js"
};
static const unsigned char page_sessions_js[] = {
#embed "assets/page-sessions.js"
};
static const unsigned char page_tickets_js[] = {
#embed "assets/page-tickets.js"
};
static const unsigned char page_wallboard_js[] = {
#embed "assets/page-wallboard.js"
};
static const unsigned char palette_js[] = {
#embed "assets/palette.js"
};
static const unsigned char phrase_js[] = {
#embed "assets/phrase.js"
};
static const unsigned char policy_editor_js[] = {
#embed "assets/policy-editor.js"
};
static const unsigned char policy_text_js[] = {
#embed "assets/policy-text.js"
};
static const unsigned char presence_js[] = {
#embed "assets/presence.js"
};
static const unsigned char problem_text_js[] = {
#embed "assets/problem-text.js"
};
static const unsigned char promise_js[] = {
#embed "assets/promise.js"
};
static const unsigned char relate_js[] = {
#embed "assets/relate.js"
};
static const unsigned char search_js[] = {
#embed "assets/search.js"
};
static const unsigned char side_js[] = {
#embed "assets/side.js"
};
static const unsigned char sign_in_js[] = {
#embed "assets/sign-in.js"
};
static const unsigned char snippets_js[] = {
#embed "assets/snippets.js"
};
static const unsigned char spark_js[] = {
#embed "assets/spark.js"
};
static const unsigned char stream_js[] = {
#embed "assets/stream.js"
};
static const unsigned char text_audit_en_json[] = {
#embed "assets/text-audit.en.json"
};
static const unsigned char text_audit_zh_json[] = {
#embed "assets/text-audit.zh.json"
};
static const unsigned char text_explain_en_json[] = {
#embed "assets/text-explain.en.json"
};
static const unsigned char text_explain_zh_json[] = {
#embed "assets/text-explain.zh.json"
};
static const unsigned char text_office_en_js[] = {
#embed "assets/text-office.en.js"
};
static const unsigned char text_office_zh_js[] = {
#embed "assets/text-office.zh.js"
};
static const unsigned char text_policy_zh_json[] = {
#embed "assets/text-policy.zh.json"
};
static const unsigned char text_problem_zh_json[] = {
#embed "assets/text-problem.zh.json"
};
static const unsigned char text_en_js[] = {
#embed "assets/text.en.js"
};
static const unsigned char text_js[] = {
#embed "assets/text.js"
};
static const unsigned char text_zh_js[] = {
#embed "assets/text.zh.js"
};
static const unsigned char titles_js[] = {
#embed "assets/titles.js"
};
static const unsigned char turns_js[] = {
#embed "assets/turns.js"
};
static const unsigned char unsaved_js[] = {
#embed "assets/unsaved.js"
};
static const unsigned char viewers_js[] = {
#embed "assets/viewers.js"
};

#define ASSET(name, bytes) {name, bytes, sizeof bytes}

static const struct console_page_asset assets[] = {
    ASSET("access-lists.js", access_lists_js),
    ASSET("acts.js", acts_js),
    ASSET("api.js", api_js),
    ASSET("attention.js", attention_js),
    ASSET("audit-text.js", audit_text_js),
    ASSET("callback-list.js", callback_list_js),
    ASSET("callback-time.js", callback_time_js),
    ASSET("callbacks.js", callbacks_js),
    ASSET("changed.js", changed_js),
    ASSET("clock.js", clock_js),
    ASSET("composer.js", composer_js),
    ASSET("conversation.js", conversation_js),
    ASSET("crises.js", crises_js),
    ASSET("dead-letters.js", dead_letters_js),
    ASSET("desk.css", desk_css),
    ASSET("dialogs.js", dialogs_js),
    ASSET("difference.js", difference_js),
    ASSET("dom.js", dom_js),
    ASSET("drafts.js", drafts_js),
    ASSET("explain.js", explain_js),
    ASSET("icon.svg", icon_svg),
    ASSET("icons.svg", icons_svg),
    ASSET("inspections.js", inspections_js),
    ASSET("intents.js", intents_js),
    ASSET("keys.js", keys_js),
    ASSET("listing.js", listing_js),
    ASSET("main.js", main_js),
    ASSET("notices.js", notices_js),
    ASSET("notify.js", notify_js),
    ASSET("offer.js", offer_js),
    ASSET("office.css", office_css),
    ASSET("overseer-stream.js", overseer_stream_js),
    ASSET("page-callbacks.js", page_callbacks_js),
    ASSET("page-desk.js", page_desk_js),
    ASSET("page-operations.js", page_operations_js),
    ASSET("page-people.js", page_people_js),
    ASSET("page-policy.js", page_policy_js),
    ASSET("page-quality.js", page_quality_js),
    ASSET("page-reports.js", page_reports_js),
    ASSET("page-sessions.js", page_sessions_js),
    ASSET("page-tickets.js", page_tickets_js),
    ASSET("page-wallboard.js", page_wallboard_js),
    ASSET("palette.js", palette_js),
    ASSET("phrase.js", phrase_js),
    ASSET("policy-editor.js", policy_editor_js),
    ASSET("policy-text.js", policy_text_js),
    ASSET("presence.js", presence_js),
    ASSET("problem-text.js", problem_text_js),
    ASSET("promise.js", promise_js),
    ASSET("relate.js", relate_js),
    ASSET("search.js", search_js),
    ASSET("side.js", side_js),
    ASSET("sign-in.js", sign_in_js),
    ASSET("snippets.js", snippets_js),
    ASSET("spark.js", spark_js),
    ASSET("stream.js", stream_js),
    ASSET("text-audit.en.json", text_audit_en_json),
    ASSET("text-audit.zh.json", text_audit_zh_json),
    ASSET("text-explain.en.json", text_explain_en_json),
    ASSET("text-explain.zh.json", text_explain_zh_json),
    ASSET("text-office.en.js", text_office_en_js),
    ASSET("text-office.zh.js", text_office_zh_js),
    ASSET("text-policy.zh.json", text_policy_zh_json),
    ASSET("text-problem.zh.json", text_problem_zh_json),
    ASSET("text.en.js", text_en_js),
    ASSET("text.js", text_js),
    ASSET("text.zh.js", text_zh_js),
    ASSET("titles.js", titles_js),
    ASSET("turns.js", turns_js),
    ASSET("unsaved.js", unsaved_js),
    ASSET("viewers.js", viewers_js),
};

unsigned long console_page_asset_count(void) { return sizeof assets / sizeof assets[0]; }

const struct console_page_asset *console_page_asset_at(unsigned long index) {
  return index < console_page_asset_count() ? &assets[index] : 0;
}
