/// The words that `SentimentHead` knows, in English and Chinese.
///
/// Weights range from -3 to 3. Entries of weight 0 mask a shorter word that would mislead ("不好意思" contains
/// "不好"). Negators invert the next weighted word. A trailing star matches any continuation of the last word.
enum SentimentLexicon {
  enum Role: Sendable, Equatable {
    case weight(Int)
    case negator
  }

  struct Entry: Sendable {
    let phrase: String
    let role: Role
  }

  static let entries: [Entry] = groups.flatMap { group in
    group.phrases.map { Entry(phrase: $0, role: group.role) }
  }

  private struct Group {
    let role: Role
    let phrases: [String]
  }

  private static let groups: [Group] = [
    // Signs mean the same in every language.
    Group(role: .weight(2), phrases: ["😍", "🥰", "❤", "💖", "👍", "💯", "🎉", "🌹", "😊", "😄", "🥳", "👏"]),
    Group(role: .weight(-3), phrases: ["😡", "🤬", "😠", "👿", "💢", "🤮", "👎", "🖕", "💩"]),
    Group(role: .weight(-2), phrases: ["😤", "😩", "😫", "😞", "😒", "🙄", "💔", "😢", "😭"]),
    Group(
      role: .weight(3),
      phrases: [
        "love", "loved", "amazing", "awesome", "fantastic", "excellent", "wonderful", "brilliant", "outstanding",
        "perfect", "superb", "exceeded my expectations", "highly recommend", "five stars", "best service",
        "delighted", "thrilled", "above and beyond", "blown away", "adore*", "best purchase", "best company",
        "highly recommended",
      ]),
    Group(
      role: .weight(2),
      phrases: [
        "great", "happy", "pleased", "satisfied", "impressed", "grateful", "appreciate*", "lovely", "beautiful",
        "recommend", "delicious", "flawless*", "thank you so much", "thanks so much", "well done", "good job",
        "great job", "kudos", "helpful", "friendly", "patient", "polite", "kind", "fast delivery",
        "quick delivery", "works great", "works perfectly", "works well", "well made", "well packed", "spot on",
        "hats off", "made my day", "big fan", "thumbs up", "top notch", "saved me", "can't fault", "cannot fault",
        "couldn't be happier", "could not be happier", "couldn't be better", "no complaints", "not disappointed",
        "recommended", "spotless", "compliments", "you guys rock", "shop here again", "buy again", "will be back",
        "saved our", "problem solved", "issue solved", "problem is solved", "painless", "praise",
      ]),
    Group(
      role: .weight(1),
      phrases: [
        "good", "nice", "fine", "like it", "like the", "enjoy*", "thanks for your help", "thank you for your help",
        "smooth", "smoothly", "easy to use", "comfortable", "fresh", "clean", "quick", "prompt", "not bad",
        "no problem at all", "no problems", "without any problem", "worth it", "value for money", "decent",
        "professional", "easier to use", "works as described",
      ]),
    Group(
      role: .weight(-3),
      phrases: [
        "terrible", "horrible", "awful", "disgusting", "worst", "hate", "hated", "furious", "outrageous",
        "disgraceful", "appalling", "scam", "scammers", "fraud", "ripped off", "rip off", "ripoff", "garbage",
        "trash", "useless", "pathetic", "nightmare", "never again", "never buy", "never order", "unacceptable",
        "ridiculous", "disgrace", "liars", "lied", "cheated", "rude", "a joke", "shambles", "zero stars",
        "one star", "shame on you", "fed up", "sick of", "sick and tired", "had enough", "waste of money",
        "waste of time", "livid",
      ]),
    Group(
      role: .weight(-2),
      phrases: [
        "angry", "annoyed", "annoying", "upset", "frustrat*", "disappoint*", "unhappy", "dissatisfied",
        "unsatisfied", "poor", "bad", "badly", "broken", "defective", "faulty", "damaged", "smashed", "shattered",
        "cracked", "leaking", "rotten", "mouldy", "moldy", "stale", "spoiled", "dirty", "filthy", "stained",
        "smells", "fake", "counterfeit", "misleading", "dishonest", "ignored", "ignoring", "unhelpful", "careless",
        "unprofessional", "incompetent", "overcharged", "double charged", "charged twice", "charged me twice",
        "stolen", "missing parts", "wrong item", "wrong size sent", "doesn't work", "does not work", "not working",
        "stopped working", "won't turn on", "won't start", "keeps crashing", "crashes", "still waiting",
        "no one replies", "nobody replies", "nobody answers", "no one answers", "no response", "unreliable",
        "sick", "ruined", "destroyed", "not happy", "not good", "not great", "not impressed", "not satisfied",
        "not acceptable", "not what i ordered", "lousy", "crap", "sucks", "hung up on me",
      ]),
    Group(
      role: .weight(-1),
      phrases: [
        "late", "delayed", "slow", "problem", "problems", "issue", "issues", "trouble", "unfortunately", "error",
        "failed", "fails", "fail", "missing", "lost", "complain*", "complaint", "worried", "concerned",
        "confusing", "confused", "wrong", "difficult", "expensive", "overpriced", "stuck", "unable to",
        "never arrived", "hasn't arrived", "too small", "too big", "scratched", "scratch*", "dent", "dented",
        "torn",
      ]),
    Group(
      role: .weight(0),
      phrases: [
        "no problem", "not a problem", "good morning", "good afternoon", "good evening", "good day",
        "good to know", "fine print", "would like", "i'd like", "looks like", "feels like", "like to",
        "something like", "sounds like", "kind of", "kind regards", "best regards", "best way", "what kind",
        "any kind", "this kind", "which kind", "is it possible", "bad weather", "happy to", "quick question",
        "quickly", "nice to", "in good condition", "good condition", "love to", "would love", "lost and found",
        "no issue", "fine elsewhere", "is fine", "are fine", "fresh food",
      ]),
    Group(
      role: .negator,
      phrases: [
        "not", "no", "never", "isn't", "wasn't", "aren't", "weren't", "don't", "doesn't", "didn't", "hardly",
        "without", "cannot", "can't", "couldn't", "won't", "wouldn't", "nothing", "neither", "nor", "haven't",
        "hasn't", "far from", "less than",
      ]),
    Group(
      role: .weight(3),
      phrases: [
        "非常满意", "十分满意", "特别满意", "太棒", "超棒", "完美", "超赞", "太好了", "强烈推荐", "五星", "五星好评", "惊喜", "超出预期", "爱了", "最好的",
        "无可挑剔", "好极了", "绝了",
      ]),
    Group(
      role: .weight(2),
      phrases: [
        "满意", "喜欢", "感谢", "表扬", "点赞", "好评", "推荐", "优秀", "贴心", "热情", "耐心", "周到", "专业", "负责", "给力", "惊艳", "好吃", "美味",
        "好用", "好看", "漂亮", "精致", "舒服", "舒适", "划算", "实惠", "靠谱", "值得", "很好", "非常好", "真好", "挺好", "特别好", "很棒", "真棒",
        "棒棒", "赞", "良心", "辛苦了", "很快", "神速", "物美价廉", "物超所值", "质量好", "质量不错", "态度好", "服务好", "开心", "高兴", "暖心", "放心",
        "没的说", "没得说", "没毛病", "超快", "一如既往", "点个赞", "爽快", "通俗易懂", "水平高", "信得过", "态度也好", "问题解决了", "解决了大问题", "还会来",
        "以后还来", "下次还买", "会再来", "一流",
      ]),
    Group(
      role: .weight(1),
      phrases: [
        "不错", "还可以", "还行", "好的", "新鲜", "干净", "方便", "顺利", "细心", "及时", "流畅", "合适", "值了", "谢谢你们", "没有问题", "没问题", "不差",
        "不赖", "挺快", "蛮好", "蛮快", "热乎",
      ]),
    Group(
      role: .weight(-3),
      phrases: [
        "垃圾", "太差", "极差", "差劲", "差到", "恶心", "骗子", "骗人", "骗钱", "欺骗", "欺诈", "坑人", "坑爹", "黑心", "无耻", "无良", "忍无可忍",
        "气死", "愤怒", "恶劣", "最差", "差评", "再也不", "绝不", "滚", "烂透", "太烂", "太过分", "过分", "令人发指", "失望透顶", "极其失望", "非常失望",
        "太失望", "难吃", "难喝", "霸王条款", "店大欺客", "岂有此理", "忽悠", "不要脸", "呵呵", "无语", "糟糕", "受够",
      ]),
    Group(
      role: .weight(-2),
      phrases: [
        "失望", "不满", "生气", "气愤", "恼火", "郁闷", "烦", "讨厌", "后悔", "很差", "真差", "质量差", "态度差", "服务差", "太慢", "特别慢", "慢死",
        "敷衍", "推脱", "推卸", "推诿", "踢皮球", "不负责", "不专业", "不耐烦", "爱理不理", "没人理", "没人管", "不理人", "不理睬", "不满意", "不喜欢",
        "不好吃", "不好用", "不好看", "不新鲜", "不干净", "不靠谱", "不值", "不舒服", "不合理", "不行", "假货", "假的", "仿品", "次品", "劣质", "山寨",
        "坏了", "坏的", "坏掉", "破了", "破损", "碎了", "碎成", "裂了", "漏了", "变质", "发霉", "过期", "馊", "臭", "脏", "虫子", "头发", "破烂",
        "烂了", "烂的", "烂", "乱扣", "乱收", "多扣", "重复扣", "盗刷", "被盗", "被骗", "坑", "虚假", "虚标", "货不对板", "不符", "用不了", "不能用",
        "没法用", "打不开", "开不了机", "闪退", "卡死", "死机", "黑屏", "冷冰冰", "凉透", "洒了", "态度恶", "催了", "白等", "等了很久", "一直没", "迟迟",
        "不回复", "不解决", "一直不", "不到账", "气人", "糟心", "闹心", "心烦", "难受", "没人负责", "谁来负责", "谁负责",
      ]),
    Group(
      role: .weight(-1),
      phrases: [
        "差", "慢", "问题", "错误", "故障", "失败", "延误", "延迟", "丢失", "丢了", "弄丢", "少发", "漏发", "发错", "送错", "不对", "贵", "太贵",
        "麻烦了我", "卡顿", "划痕", "瑕疵", "异常", "投诉", "着急", "担心", "异味", "掉色", "起球", "偏小", "偏大", "没收到", "没到", "还没", "无法",
        "不太好", "拒绝了", "被拒绝", "拒绝",
      ]),
    Group(
      role: .weight(0),
      phrases: [
        "没问题吧", "有问题想", "问题想问", "问个问题", "请问", "不好意思", "麻烦您", "麻烦你", "麻烦帮", "不过", "不但", "不仅", "不同", "不用", "差不多",
        "时差", "差价", "补差", "差额", "差旅", "相差", "误差", "快递", "快捷", "满意度", "推荐码", "推荐一", "慢慢", "尽快", "好像", "好几", "好久",
        "好多", "你好", "您好", "好友", "爱好", "正好", "最好", "刚好", "只好", "要不", "不知", "不知道", "是不是", "能不能", "可不可以", "有没有",
        "会不会", "对不对", "不急", "不着急", "喜欢吗", "满意吗", "好用吗", "质量好吗", "好看吗", "烦请", "麻烦", "感谢信", "谢谢", "赞助", "脏衣", "方便的话",
        "方便的时候", "贵公司", "贵司", "贵店", "贵方", "售后服务好", "说好的", "有好的", "不好用吗", "就好了", "更好了",
      ]),
    Group(
      role: .negator,
      phrases: [
        "不", "没", "没有", "不是", "不太", "不怎么", "不够", "毫无", "并不", "并没有", "从不", "从没", "算不上", "谈不上", "一点都不", "一点也不", "别",
        "未",
      ]),
  ]
}
