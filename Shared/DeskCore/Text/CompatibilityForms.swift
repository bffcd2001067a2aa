/// The expansions of compatibility characters: the part of Unicode's NFKC mappings that customers' keyboards, web pages and PDF files
/// actually produce (letter-like signs, enclosed numbers and letters, squared units, Kangxi radicals, compatibility ideographs,
/// ligatures, small, vertical and half-width forms). The full-width ASCII range and the mathematical alphabets are arithmetic; see
/// `ScalarTable`.
///
/// The values are facts of the Unicode Character Database 15, listed as targets of consecutive scalars so that the forms themselves,
/// which an editor may silently normalise, do not appear in this file.
enum CompatibilityForms {
  /// Consecutive scalars from `first`, each mapped to one scalar of `targets`.
  struct Run {
    let first: UInt32
    let targets: String
  }

  static let runs: [Run] = [
    Run(first: 0x00AA, targets: "a"),
    Run(first: 0x00B2, targets: "23"),
    Run(first: 0x00B5, targets: "μ"),
    Run(first: 0x00B9, targets: "1o"),
    Run(first: 0x2024, targets: "."),
    Run(first: 0x2070, targets: "0i"),
    Run(first: 0x2074, targets: "456789+−=()n0123456789+−=()"),
    Run(first: 0x2090, targets: "aeoxəhklmnpst"),
    Run(first: 0x2102, targets: "C"),
    Run(first: 0x2107, targets: "Ɛ"),
    Run(first: 0x210A, targets: "gHHHhħIILl"),
    Run(first: 0x2115, targets: "N"),
    Run(first: 0x2119, targets: "PQRRR"),
    Run(first: 0x2124, targets: "Z"),
    Run(first: 0x2126, targets: "Ω"),
    Run(first: 0x2128, targets: "Z"),
    Run(first: 0x212A, targets: "KÅBC"),
    Run(first: 0x212F, targets: "eEF"),
    Run(first: 0x2133, targets: "Moאבגדi"),
    Run(first: 0x213C, targets: "πγΓΠ∑"),
    Run(first: 0x2145, targets: "Ddeij"),
    Run(first: 0x2160, targets: "I"),
    Run(first: 0x2164, targets: "V"),
    Run(first: 0x2169, targets: "X"),
    Run(first: 0x216C, targets: "LCDMi"),
    Run(first: 0x2174, targets: "v"),
    Run(first: 0x2179, targets: "x"),
    Run(first: 0x217C, targets: "lcdm"),
    Run(first: 0x2460, targets: "123456789"),
    Run(first: 0x24B6, targets: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"),
    Run(first: 0x24E6, targets: "wxyz0"),
    Run(first: 0x2F00, targets: "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工"),
    Run(first: 0x2F30, targets: "己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉"),
    Run(first: 0x2F60, targets: "瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行"),
    Run(first: 0x2F90, targets: "衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯"),
    Run(first: 0x2FC0, targets: "鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠"),
    Run(first: 0x3036, targets: "〒"),
    Run(first: 0x3038, targets: "十卄卅"),
    Run(first: 0x3244, targets: "問幼文箏"),
    Run(first: 0x3260, targets: "ᄀᄂᄃᄅᄆᄇᄉᄋᄌᄎᄏᄐᄑᄒ가나다라마바사아자차카타파하"),
    Run(first: 0x327E, targets: "우"),
    Run(first: 0x3280, targets: "一二三四五六七八九十月火水木金土日株有社名特財祝労秘男女適優印注項休写正上中下左右医宗学監企資協"),
    Run(first: 0x32B0, targets: "夜"),
    Run(first: 0x32D0, targets: "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲ"),
    Run(first: 0xF900, targets: "豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞"),
    Run(first: 0xF930, targets: "擄櫓爐盧老蘆虜路露魯鷺碌祿綠菉錄鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧"),
    Run(first: 0xF960, targets: "怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮兩凉梁糧良諒量勵呂女廬旅濾礪閭驪麗黎力曆歷轢年憐"),
    Run(first: 0xF990, targets: "戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂"),
    Run(first: 0xF9C0, targets: "燎療蓼遼龍暈阮劉杻柳流溜琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘"),
    Run(first: 0xF9F0, targets: "藺隣鱗麟林淋臨立笠粒狀炙識什茶刺切度拓糖宅洞暴輻行降見廓兀嗀"),
    Run(first: 0xFA10, targets: "塚"),
    Run(first: 0xFA12, targets: "晴"),
    Run(first: 0xFA15, targets: "凞猪益礼神祥福靖精羽"),
    Run(first: 0xFA20, targets: "蘒"),
    Run(first: 0xFA22, targets: "諸"),
    Run(first: 0xFA25, targets: "逸都"),
    Run(first: 0xFA2A, targets: "飯飼館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁"),
    Run(first: 0xFA5A, targets: "署者臭艹艹著褐視謁謹賓贈辶逸難響頻恵"),
    Run(first: 0xFA6D, targets: "舘"),
    Run(first: 0xFA70, targets: "並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵犯"),
    Run(first: 0xFAA0, targets: "猪瑱甆画瘝瘟益盛直睊着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹變贈輸遲醙鉶陼難靖韛響頋頻鬒龜"),
    Run(first: 0xFAD2, targets: "㮝䀘䀹"),
    Run(first: 0xFAD8, targets: "齃龎"),
    Run(first: 0xFE10, targets: ",、。:;!?〖〗"),
    Run(first: 0xFE31, targets: "—–__(){}〔〕【】《》〈〉「」『』"),
    Run(first: 0xFE47, targets: "[]"),
    Run(first: 0xFE4D, targets: "___,、."),
    Run(first: 0xFE54, targets: ";:?!—(){}〔〕#&*+-<>="),
    Run(first: 0xFE68, targets: "\\$%@"),
    Run(first: 0xFF61, targets: "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミ"),
    Run(first: 0xFF91, targets: "ムメモヤユヨラリルレロワン"),
    Run(first: 0xFFA0, targets: "ᅠᄀᄁᆪᄂᆬᆭᄃᄄᄅᆰᆱᆲᆳᆴᆵᄚᄆᄇᄈᄡᄉᄊᄋᄌᄍᄎᄏᄐᄑᄒ"),
    Run(first: 0xFFC2, targets: "ᅡᅢᅣᅤᅥᅦ"),
    Run(first: 0xFFCA, targets: "ᅧᅨᅩᅪᅫᅬ"),
    Run(first: 0xFFD2, targets: "ᅭᅮᅯᅰᅱᅲ"),
    Run(first: 0xFFDA, targets: "ᅳᅴᅵ"),
    Run(first: 0xFFE0, targets: "¢£¬"),
    Run(first: 0xFFE4, targets: "¦¥₩"),
    Run(first: 0xFFE8, targets: "│←↑→↓■○"),
  ]

  /// Consecutive scalars that map to several: targets separated by spaces.
  static let spelledOut: [Run] = [
    Run(first: 0x00BC, targets: "1⁄4 1⁄2 3⁄4"),
    Run(first: 0x2025, targets: ".. ..."),
    Run(first: 0x2033, targets: "′′ ′′′"),
    Run(first: 0x2047, targets: "?? ?! !?"),
    Run(first: 0x20A8, targets: "Rs"),
    Run(first: 0x2100, targets: "a/c a/s"),
    Run(first: 0x2103, targets: "°C"),
    Run(first: 0x2105, targets: "c/o c/u"),
    Run(first: 0x2109, targets: "°F"),
    Run(first: 0x2116, targets: "No"),
    Run(first: 0x2120, targets: "SM TEL TM"),
    Run(first: 0x213B, targets: "FAX"),
    Run(first: 0x2150, targets: "1⁄7 1⁄9 1⁄10 1⁄3 2⁄3 1⁄5 2⁄5 3⁄5 4⁄5 1⁄6 5⁄6 1⁄8 3⁄8"),
    Run(first: 0x215D, targets: "5⁄8 7⁄8 1⁄"),
    Run(first: 0x2161, targets: "II III IV"),
    Run(first: 0x2165, targets: "VI VII VIII IX"),
    Run(first: 0x216A, targets: "XI XII"),
    Run(first: 0x2171, targets: "ii iii iv"),
    Run(first: 0x2175, targets: "vi vii viii ix"),
    Run(first: 0x217A, targets: "xi xii"),
    Run(first: 0x2189, targets: "0⁄3"),
    Run(first: 0x2469, targets: "10 11 12 13 14 15 16 17 18 19 20 (1) (2) (3) (4) (5) (6)"),
    Run(first: 0x247A, targets: "(7) (8) (9) (10) (11) (12) (13) (14) (15) (16) (17)"),
    Run(first: 0x2485, targets: "(18) (19) (20) 1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12."),
    Run(first: 0x2494, targets: "13. 14. 15. 16. 17. 18. 19. 20. (a) (b) (c) (d) (e) (f)"),
    Run(first: 0x24A2, targets: "(g) (h) (i) (j) (k) (l) (m) (n) (o) (p) (q) (r) (s) (t)"),
    Run(first: 0x24B0, targets: "(u) (v) (w) (x) (y) (z)"),
    Run(first: 0x3200, targets: "(ᄀ) (ᄂ) (ᄃ) (ᄅ) (ᄆ) (ᄇ) (ᄉ) (ᄋ) (ᄌ) (ᄎ) (ᄏ) (ᄐ) (ᄑ) (ᄒ)"),
    Run(first: 0x320E, targets: "(가) (나) (다) (라) (마) (바) (사) (아) (자) (차) (카) (타) (파) (하)"),
    Run(first: 0x321C, targets: "(주) (오전) (오후)"),
    Run(first: 0x3220, targets: "(一) (二) (三) (四) (五) (六) (七) (八) (九) (十) (月) (火) (水) (木)"),
    Run(first: 0x322E, targets: "(金) (土) (日) (株) (有) (社) (名) (特) (財) (祝) (労) (代) (呼) (学)"),
    Run(first: 0x323C, targets: "(監) (企) (資) (協) (祭) (休) (自) (至)"),
    Run(first: 0x3250, targets: "PTE 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35"),
    Run(first: 0x327C, targets: "참고 주의"),
    Run(first: 0x32B1, targets: "36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 1月 2月 3月 4月"),
    Run(first: 0x32C4, targets: "5月 6月 7月 8月 9月 10月 11月 12月 Hg erg eV LTD"),
    Run(first: 0x32FF, targets: "令和 アパート アルファ アンペア アール イニング インチ ウォン エスクード エーカー オンス オーム"),
    Run(first: 0x330B, targets: "カイリ カラット カロリー ガロン ガンマ ギガ ギニー キュリー ギルダー キロ キログラム キロメートル"),
    Run(first: 0x3317, targets: "キロワット グラム グラムトン クルゼイロ クローネ ケース コルナ コーポ サイクル サンチーム シリング"),
    Run(first: 0x3322, targets: "センチ セント ダース デシ ドル トン ナノ ノット ハイツ パーセント パーツ バーレル ピアストル"),
    Run(first: 0x332F, targets: "ピクル ピコ ビル ファラッド フィート ブッシェル フラン ヘクタール ペソ ペニヒ ヘルツ ペンス ページ"),
    Run(first: 0x333C, targets: "ベータ ポイント ボルト ホン ポンド ホール ホーン マイクロ マイル マッハ マルク マンション ミクロン"),
    Run(first: 0x3349, targets: "ミリ ミリバール メガ メガトン メートル ヤード ヤール ユアン リットル リラ ルピー ルーブル レム"),
    Run(first: 0x3356, targets: "レントゲン ワット 0点 1点 2点 3点 4点 5点 6点 7点 8点 9点 10点 11点 12点 13点"),
    Run(first: 0x3366, targets: "14点 15点 16点 17点 18点 19点 20点 21点 22点 23点 24点 hPa da AU"),
    Run(first: 0x3374, targets: "bar oV pc dm dm2 dm3 IU 平成 昭和 大正 明治 株式会社 pA nA μA mA kA"),
    Run(first: 0x3385, targets: "KB MB GB cal kcal pF nF μF μg mg kg Hz kHz MHz GHz THz μl"),
    Run(first: 0x3396, targets: "ml dl kl fm nm μm mm cm km mm2 cm2 m2 km2 mm3 cm3 m3 km3"),
    Run(first: 0x33A7, targets: "m∕s m∕s2 Pa kPa MPa GPa rad rad∕s rad∕s2 ps ns μs ms pV"),
    Run(first: 0x33B5, targets: "nV μV mV kV MV pW nW μW mW kW MW kΩ MΩ a.m. Bq cc cd C∕kg"),
    Run(first: 0x33C7, targets: "Co. dB Gy ha HP in KK KM kt lm ln log lx mb mil mol PH"),
    Run(first: 0x33D8, targets: "p.m. PPM PR sr Sv Wb V∕m A∕m 1日 2日 3日 4日 5日 6日 7日 8日 9日"),
    Run(first: 0x33E9, targets: "10日 11日 12日 13日 14日 15日 16日 17日 18日 19日 20日 21日 22日 23日"),
    Run(first: 0x33F7, targets: "24日 25日 26日 27日 28日 29日 30日 31日 gal"),
    Run(first: 0xFB00, targets: "ff fi fl ffi ffl st st"),
    Run(first: 0xFE19, targets: "..."),
    Run(first: 0xFE30, targets: ".."),
  ]

  /// Accented Latin small letters grouped by their plain letter (the first of each line). Customers leave accents out as often as they
  /// type them, and the table drops a decomposed accent, so both spellings must map to the plain letter.
  static let accented: [(plain: UInt32, letters: [UInt32])] = [
    (
      0x61,
      [
        0x00E0, 0x00E1, 0x00E2, 0x00E3, 0x00E4, 0x00E5, 0x0101, 0x0103, 0x0105, 0x01CE, 0x01DF, 0x01E1,
        0x01FB, 0x0201, 0x0203, 0x0227, 0x1E01, 0x1EA1, 0x1EA3, 0x1EA5, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EAD,
        0x1EAF, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EB7,
      ]
    ),
    (
      0x62,
      [
        0x1E03, 0x1E05, 0x1E07,
      ]
    ),
    (
      0x63,
      [
        0x00E7, 0x0107, 0x0109, 0x010B, 0x010D, 0x1E09,
      ]
    ),
    (
      0x64,
      [
        0x010F, 0x1E0B, 0x1E0D, 0x1E0F, 0x1E11, 0x1E13,
      ]
    ),
    (
      0x65,
      [
        0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0113, 0x0115, 0x0117, 0x0119, 0x011B, 0x0205, 0x0207, 0x0229,
        0x1E15, 0x1E17, 0x1E19, 0x1E1B, 0x1E1D, 0x1EB9, 0x1EBB, 0x1EBD, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5,
        0x1EC7,
      ]
    ),
    (
      0x66,
      [
        0x1E1F
      ]
    ),
    (
      0x67,
      [
        0x011D, 0x011F, 0x0121, 0x0123, 0x01E7, 0x01F5, 0x1E21,
      ]
    ),
    (
      0x68,
      [
        0x0125, 0x021F, 0x1E23, 0x1E25, 0x1E27, 0x1E29, 0x1E2B, 0x1E96,
      ]
    ),
    (
      0x69,
      [
        0x00EC, 0x00ED, 0x00EE, 0x00EF, 0x0129, 0x012B, 0x012D, 0x012F, 0x01D0, 0x0209, 0x020B, 0x1E2D,
        0x1E2F, 0x1EC9, 0x1ECB,
      ]
    ),
    (
      0x6A,
      [
        0x0135, 0x01F0,
      ]
    ),
    (
      0x6B,
      [
        0x0137, 0x01E9, 0x1E31, 0x1E33, 0x1E35,
      ]
    ),
    (
      0x6C,
      [
        0x013A, 0x013C, 0x013E, 0x1E37, 0x1E39, 0x1E3B, 0x1E3D,
      ]
    ),
    (
      0x6D,
      [
        0x1E3F, 0x1E41, 0x1E43,
      ]
    ),
    (
      0x6E,
      [
        0x00F1, 0x0144, 0x0146, 0x0148, 0x01F9, 0x1E45, 0x1E47, 0x1E49, 0x1E4B,
      ]
    ),
    (
      0x6F,
      [
        0x00F2, 0x00F3, 0x00F4, 0x00F5, 0x00F6, 0x014D, 0x014F, 0x0151, 0x01A1, 0x01D2, 0x01EB, 0x01ED,
        0x020D, 0x020F, 0x022B, 0x022D, 0x022F, 0x0231, 0x1E4D, 0x1E4F, 0x1E51, 0x1E53, 0x1ECD, 0x1ECF,
        0x1ED1, 0x1ED3, 0x1ED5, 0x1ED7, 0x1ED9, 0x1EDB, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EE3,
      ]
    ),
    (
      0x70,
      [
        0x1E55, 0x1E57,
      ]
    ),
    (
      0x72,
      [
        0x0155, 0x0157, 0x0159, 0x0211, 0x0213, 0x1E59, 0x1E5B, 0x1E5D, 0x1E5F,
      ]
    ),
    (
      0x73,
      [
        0x015B, 0x015D, 0x015F, 0x0161, 0x0219, 0x1E61, 0x1E63, 0x1E65, 0x1E67, 0x1E69,
      ]
    ),
    (
      0x74,
      [
        0x0163, 0x0165, 0x021B, 0x1E6B, 0x1E6D, 0x1E6F, 0x1E71, 0x1E97,
      ]
    ),
    (
      0x75,
      [
        0x00F9, 0x00FA, 0x00FB, 0x00FC, 0x0169, 0x016B, 0x016D, 0x016F, 0x0171, 0x0173, 0x01B0, 0x01D4,
        0x01D6, 0x01D8, 0x01DA, 0x01DC, 0x0215, 0x0217, 0x1E73, 0x1E75, 0x1E77, 0x1E79, 0x1E7B, 0x1EE5,
        0x1EE7, 0x1EE9, 0x1EEB, 0x1EED, 0x1EEF, 0x1EF1,
      ]
    ),
    (
      0x76,
      [
        0x1E7D, 0x1E7F,
      ]
    ),
    (
      0x77,
      [
        0x0175, 0x1E81, 0x1E83, 0x1E85, 0x1E87, 0x1E89, 0x1E98,
      ]
    ),
    (
      0x78,
      [
        0x1E8B, 0x1E8D,
      ]
    ),
    (
      0x79,
      [
        0x00FD, 0x00FF, 0x0177, 0x0233, 0x1E8F, 0x1E99, 0x1EF3, 0x1EF5, 0x1EF7, 0x1EF9,
      ]
    ),
    (
      0x7A,
      [
        0x017A, 0x017C, 0x017E, 0x1E91, 0x1E93, 0x1E95,
      ]
    ),
  ]
}
