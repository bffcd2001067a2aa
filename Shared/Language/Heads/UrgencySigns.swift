/// The signs that `UrgencyHead` knows, in English and Chinese, with their points.
///
/// Six points of one kind suffice for high urgency; three need another kind. A trailing star matches any continuation of the
/// last word.
enum UrgencySigns {
  struct Entry: Sendable {
    let phrase: String
    let kind: UrgencyReason.Kind
    let points: Int
  }

  static let entries: [Entry] = groups.flatMap { group in
    group.phrases.map { Entry(phrase: $0, kind: group.kind, points: group.points) }
  }

  private struct Group {
    let kind: UrgencyReason.Kind
    let points: Int
    let phrases: [String]
  }

  private static let groups: [Group] = [
    Group(
      kind: .safety, points: 6,
      phrases: [
        "caught fire", "catch fire", "catching fire", "on fire", "smoke", "smoking", "smells like burning",
        "burning smell", "burnt my", "burned my", "burns", "exploded", "explosion", "explode", "electric shock",
        "electrocuted", "got a shock", "shocked me", "gas leak", "leaking gas", "leaking battery",
        "battery swell*", "swollen battery", "swelled up", "overheat*", "injured", "injury", "injuries",
        "bleeding", "hospital", "emergency room", "ambulance", "poisoned", "food poisoning", "allergic reaction",
        "choking", "choke hazard", "choked", "dangerous", "unsafe", "safety hazard", "hazard", "sparks",
        "sparking", "melted", "melting", "vomit*", "rash all over", "glass inside", "piece of glass",
        "metal inside", "my child swallowed", "swallowed", "smell of gas", "smell gas", "carbon monoxide",
        "brakes failed", "brakes don't work", "brakes do not work", "no brakes", "burned by", "burnt by",
        "was hurt", "got hurt", "were hurt", "hurt my", "broke my wrist", "broke my arm", "broke my leg",
        "in my food", "in the food", "in my salad", "in the bread", "tampered with", "toxic", "poisonous", "dizzy",
        "fell out of", "collapsed", "product recall", "the recall", "has a rash", "got a rash", "skin rash",
        "is it safe", "not safe", "swollen", "burst into flames", "short circuit", "tripped the fuse", "gave way",
        "fall on people", "cut my", "cut myself", "insect in", "food was off", "chemical smell",
        "smells of chemicals", "sick after",
      ]),
    Group(
      kind: .safety, points: 6,
      phrases: [
        "着火", "起火", "冒烟", "冒火花", "火花", "烧焦", "焦味", "烧起来", "烧坏了插座", "爆炸", "炸了", "炸裂", "触电", "电到", "被电", "漏电", "漏气",
        "煤气", "燃气泄漏", "鼓包", "电池鼓", "发烫得厉害", "烫伤", "烫到", "受伤", "割伤", "割破", "流血", "住院", "医院", "急诊", "救护车", "中毒",
        "拉肚子", "过敏", "呕吐", "上吐下泻", "窒息", "吞下", "误食", "有危险", "很危险", "太危险", "安全隐患", "生命危险", "玻璃碴", "玻璃渣", "异物",
        "刹车失灵", "刹车坏", "刹不住", "有虫", "虫子", "铁丝", "炸开", "摔伤", "摔下来", "摔骨折", "骨折", "砸到", "砸伤", "烫红", "夹人", "夹到", "夹伤",
        "甲醛", "起疹子", "疹子", "召回", "头晕", "刺鼻", "安全吗", "跳闸", "短路", "断裂", "喉咙疼", "像是被打开过", "一直吐", "变质", "刮伤", "划伤",
      ]),
    Group(
      kind: .threat, points: 6,
      phrases: [
        "lawyer", "attorney", "solicitor", "sue you", "suing", "will sue", "take legal action", "legal action",
        "take you to court", "small claims", "consumer protection", "trading standards", "ombudsman", "report you",
        "reporting you", "file a complaint with", "better business bureau", "bbb complaint", "chargeback",
        "dispute the charge with my bank", "go to the press", "the media", "the newspaper", "post this everywhere",
        "post this online", "social media", "twitter", "tell everyone", "one star review", "bad review",
        "leave a review everywhere", "go public", "warn others", "cancel everything", "close my account",
        "closing my account", "take my business elsewhere", "switch to a competitor", "switching to",
        "never buy again", "never buying again", "never order again", "never shop here again", "last time i",
        "lost a customer", "losing a customer",
      ]),
    Group(
      kind: .threat, points: 6,
      phrases: [
        "12315", "投诉到", "工商", "消协", "消费者协会", "市场监管", "市监局", "起诉", "律师", "法院", "法律途径", "走法律", "维权", "报警", "公安",
        "曝光", "媒体", "记者", "微博", "发抖音", "抖音曝光", "小红书", "发朋友圈", "黑猫投诉", "银保监", "差评到底", "给差评", "打差评", "一星差评", "全网",
        "再也不买", "再也不会买", "再也不来", "以后不会再", "拉黑你们", "注销账号走人", "换别家", "换一家", "转投", "卸载", "升级投诉",
      ]),
    Group(
      kind: .deadline, points: 6,
      phrases: [
        "urgent", "urgently", "asap", "as soon as possible", "right now", "immediately", "emergency", "by tonight",
        "by today", "before tonight", "by tomorrow", "before tomorrow", "by end of day", "by noon",
        "within the hour", "in an hour", "within 24 hours", "today or", "need it today", "need this today",
        "need it tomorrow", "need it by", "need this by", "needs to arrive by", "needs to arrive before",
        "must arrive before", "has to arrive before", "tomorrow morning", "leaving tomorrow", "flight tomorrow",
        "wedding is", "wedding tomorrow", "funeral", "exam tomorrow", "time sensitive", "deadline", "last chance",
        "cannot wait any longer", "can't wait any longer", "tonight", "this afternoon", "today please",
        "please rush", "expires today",
      ]),
    Group(
      kind: .deadline, points: 6,
      phrases: [
        "紧急", "十万火急", "加急", "很急", "好急", "特别急", "非常急", "急用", "急需", "急等", "着急用", "急死", "火急", "立刻", "立即", "马上处理",
        "马上给我", "马上解决", "今天之内", "今天必须", "今天就要", "今晚之前", "今晚就要", "今天下班前", "明天之前", "明天就要", "明天要用", "明早", "明天一早",
        "后天就要", "截止", "最后期限", "最后一天", "24小时内", "二十四小时内", "来不及了", "来不及", "等不了", "等不及", "赶时间", "婚礼", "葬礼", "出国前",
        "考试要用", "今天过期", "今天到期", "明天早上", "等着用",
      ]),
    Group(
      kind: .deadline, points: 3,
      phrases: [
        "quickly", "hurry", "soon please", "this week", "before friday", "before monday", "before the weekend",
        "by friday", "by monday", "by the weekend", "birthday", "expires", "expiring", "running out of time",
        "please expedite", "how much longer", "suspicious login", "suspicious activity", "secure my account",
        "not made by me",
      ]),
    Group(
      kind: .deadline, points: 3,
      phrases: [
        "尽快", "赶紧", "赶快", "快点", "抓紧", "催一下", "催催", "催单", "过生日", "生日要", "生日前", "这周内", "本周内", "周五前", "周末前", "快到期",
        "要到期", "即将到期", "着急", "有点急", "不是我本人", "不是我消费", "异常登录", "没了！", "空盒",
      ]),
    Group(
      kind: .moneyLost, points: 6,
      phrases: [
        "stolen", "fraud", "fraudulent", "unauthorized", "unauthorised", "hacked", "scam", "scammed",
        "identity theft", "someone used my card", "someone else used", "i did not make", "i didn't make",
        "didn't authorize", "did not authorize", "not authorised by me", "phishing", "account was emptied",
        "money disappeared", "money is gone", "drained",
      ]),
    Group(
      kind: .moneyLost, points: 6,
      phrases: [
        "盗刷", "被盗", "盗号", "诈骗", "被骗", "骗钱", "骗走", "骗子", "钱没了", "钱不见了", "余额没了", "不是我操作", "不是本人", "非本人", "没授权",
        "未经授权", "未经我同意", "异地登录", "钓鱼", "转走了", "刷走",
      ]),
    Group(
      kind: .moneyLost, points: 3,
      phrases: [
        "charged twice", "charged me twice", "double charged", "charged double", "overcharged",
        "charged three times", "deducted twice", "took money", "taken money", "money was taken", "charged but",
        "paid but", "refund never", "where is my refund", "still no refund", "haven't been refunded",
        "not been refunded", "owe me", "lost money", "out of pocket",
      ]),
    Group(
      kind: .moneyLost, points: 3,
      phrases: [
        "多扣", "重复扣", "扣了两次", "扣两次", "扣了三次", "扣了我两", "乱扣费", "乱收费", "扣款了但", "扣了钱", "钱扣了", "付了钱", "付款了却", "退款没到",
        "退款还没到", "还没退", "没退款", "不退款", "迟迟不退", "拒不退款", "钱没到账", "没到账", "损失",
      ]),
    Group(
      kind: .repeatedContact, points: 3,
      phrases: [
        "third time", "fourth time", "fifth time", "second time i", "several times", "multiple times",
        "many times", "again and again", "over and over", "still waiting", "still no reply", "still no answer",
        "no one replies", "nobody replies", "nobody answers", "no one answers", "no response", "no reply",
        "ignored", "ignoring me", "keep calling", "called three times", "called twice", "emailed three times",
        "emailed twice", "for weeks", "for over a week", "for two weeks", "for three weeks", "for a month",
        "weeks ago", "months ago", "yet again", "once again", "already contacted", "already told",
        "follow up on my",
      ]),
    Group(
      kind: .repeatedContact, points: 3,
      phrases: [
        "第三次", "第四次", "第五次", "第二次联系", "好几次", "多次", "无数次", "几遍了", "说了几遍", "反复", "一直没人", "没人理", "没人回", "没人管", "无人处理",
        "不回复", "没回复", "不理人", "打了好几个电话", "打了三次", "打电话没人接", "又来问", "再次", "还是没解决", "依然没有", "仍然没有", "至今", "都一个月",
        "半个月了", "两周了", "三周了", "拖了", "踢皮球", "推来推去",
      ]),
    Group(
      kind: .shutOut, points: 3,
      phrases: [
        "locked out", "can't log in", "cannot log in", "can't login", "can't access", "cannot access",
        "unable to access", "unable to log in", "account blocked", "account is blocked", "account locked",
        "account suspended", "suspended my account", "blocked my account", "frozen", "cannot work", "can't work",
        "completely down", "nothing works", "stopped working completely", "stranded", "stuck at",
      ]),
    Group(
      kind: .shutOut, points: 3,
      phrases: [
        "登不上", "登录不了", "无法登录", "登不进", "进不去", "被锁", "锁定了", "被冻结", "冻结了", "被封", "封号", "用不了", "完全不能用", "瘫痪", "没法用",
        "没法工作", "没法营业", "影响营业",
      ]),
    Group(
      kind: .emphasis, points: 1,
      phrases: [
        "please help", "help me", "seriously", "unacceptable", "outrageous", "ridiculous",
      ]),
    Group(
      kind: .emphasis, points: 1,
      phrases: [
        "求助", "求求", "救命", "太过分", "忍无可忍", "无法接受", "岂有此理",
      ]),
    Group(
      kind: .calm, points: -6,
      phrases: [
        "not urgent", "no rush", "no hurry", "isn't urgent", "not in a hurry", "whenever you have time",
        "when you have time", "when you get a chance", "take your time", "just curious", "just wondering",
        "just a thought", "just asking", "out of curiosity", "nothing urgent", "not a big deal",
        "no need to reply",
      ]),
    Group(
      kind: .calm, points: -6,
      phrases: [
        "不急", "不着急", "不是很急", "不太急", "不紧急", "不用急", "有空的时候", "有空再", "有时间再", "方便的时候", "随便问问", "随口问", "好奇", "顺便问",
        "慢慢来", "没什么急事", "不用回复", "不必回复", "不用立刻",
      ]),
    Group(
      kind: .calm, points: -3,
      phrases: [
        "suggestion", "suggest", "suggesting", "would be nice", "would be great if", "would be lovely",
        "it would help if", "have you considered", "consider adding", "feature request", "feedback",
        "thank you so much", "thanks so much", "many thanks for", "love your", "love the", "loved the", "keep up",
        "great job", "well done", "kudos", "do you have", "do you sell", "do you offer", "do you ship",
        "what are your", "what time", "opening hours", "how do i choose", "which one", "which size",
        "thinking about", "planning to buy", "interested in", "please add", "please consider", "you should",
        "could you add", "it would be", "it'd be great", "would be better", "i suggest", "wish you had",
        "how about", "an idea", "my idea", "more options", "is this item available", "is this available",
        "in stock", "how much does", "does it come", "is it suitable", "is it compatible", "available in",
        "are there any",
      ]),
    Group(
      kind: .calm, points: -3,
      phrases: [
        "建议", "如果能", "能不能增加", "可以考虑", "考虑增加", "提个", "点赞", "表扬", "好评", "辛苦了", "很满意", "非常满意", "特别满意", "感谢你们", "谢谢你们",
        "太棒", "继续保持", "请问有没有", "想了解", "想咨询", "咨询一下", "打算买", "准备买", "想买", "哪个好", "哪款", "有什么区别", "几点开门", "营业时间",
        "推荐一下", "希望", "提点意见", "要是", "请问有货", "有货吗", "多少钱", "怎么选", "性价比", "适合", "支持定制", "区别",
      ]),
  ]
}
