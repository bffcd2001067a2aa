@testable import Language

/// Messages with and without personal data, written for this test: text to be masked is in braces after its kind, as in
/// `call {phone|13800138000}`. Invisible characters are spelled out: `<ZWSP>`, `<ZWJ>`, `<ZWNJ>`, `<SHY>`, `<BOM>`, `<KEY>` (combining
/// keycap), `<NBSP>`, `<TAB>`, `<LF>`.
///
/// Numbers are invented: mobile numbers of the pattern 1xx12345678 and similar, cards and identity numbers with a valid check digit and,
/// for the latter, the sequence 000, which is never assigned. Some cases are known to fail; the test's bounds say how many.
enum PersonalDataCases {
  enum Language: CaseIterable { case chinese, english }

  private static let chinese = #"""
    我的手机号是{phone|13800138000}，请尽快回电
    电话：{phone|139-1234-5678}
    电话{phone|１３９１２３４５６７８}，谢谢
    联系我 {phone|138 0013 8000}
    手机{phone|138.0013.8000}打不通
    号码是{phone|138/0013/8000}
    号码是{phone|138,0013,8000}对吧
    手机：{phone|138_0013_8000}
    请打{phone|138·0013·8000}
    打我电话{phone|13912345678}或者{phone|15012345678}
    两个号都行：{phone|13800138000} {phone|13900139000}
    {phone|13800138000}、{phone|13900139000}、{phone|15000150000}
    {phone|13800138000}/{phone|13900139000}都可以
    {phone|13800138000}-{phone|13900139000}
    {phone|13800138000}，{phone|13900139000}
    订单20261128 {phone|13800138000} 催一下
    订单号20261128003，手机{phone|18812345678}
    {phone|13800138000}. 3天了还没到
    {phone|13800138000} 3天前下的单
    2026-11-28 {phone|13800138000} 打过电话
    2026年11月28日{phone|13800138000}来电
    11/28 {phone|13800138000} 未接
    共2件 {phone|17712345678}
    收件人王女士，{phone|19912345678}，邮编100080
    邮编100080 {phone|13712345678}
    +86 {phone|138 0013 8000}
    {phone|+8613800138000}
    {phone|+86-138-0013-8000}
    {phone|0086 13800138000}
    {phone|008613800138000}
    {phone|86-13800138000}
    {phone|(+86)13800138000}收
    （{phone|+86 13800138000}）
    {phone|86 138 0013 8000}
    {phone|013800138000}是我的号
    手机{phone|138<ZWSP>0013<ZWSP>8000}
    手机{phone|1<ZWSP>3<ZWSP>8<ZWSP>0<ZWSP>0<ZWSP>1<ZWSP>3<ZWSP>8<ZWSP>0<ZWSP>0<ZWSP>0}
    手机{phone|138<SHY>00138000}
    手机{phone|13800<ZWJ>138000}
    手机{phone|138<NBSP>0013<NBSP>8000}
    手机{phone|138　0013　8000}
    手机{phone|1 3 8 0 0 1 3 8 0 0 0}
    {phone|1-3-8-0-0-1-3-8-0-0-0}
    {phone|1<KEY>3<KEY>8<KEY>0<KEY>0<KEY>1<KEY>3<KEY>8<KEY>0<KEY>0<KEY>0<KEY>}
    {phone|一三八零零一三八零零零}，加我
    我的号码{phone|幺三九一二三四五六七八}一直打不通
    {phone|①③⑧⓪⓪①③⑧⓪⓪⓪}
    {phone|壹叁捌零零壹叁捌零零零}
    ①{phone|13800138000} ②{phone|13900139000}
    1.{phone|13800138000} 2.{phone|13900139000}
    微信同号{phone|13612345678}
    加微信wx{phone|13612345678}
    加V：{phone|13612345678}
    vx{phone|15512345678}在线等
    {phone|13800138000}找我
    {phone|13800138000}哈
    我姓李{phone|13800138000}李先生
    tel:{phone|13800138000}
    Tel{phone|13800138000}
    TEL：{phone|021-61088888}
    {phone|021-6108-8888}
    {phone|021-61088888}
    {phone|021 6108 8888}
    {phone|02161088888}
    {phone|（021）61088888}
    {phone|(010) 6552-9988}
    {phone|(010)65529988}
    {phone|010-6552-9988}转8012
    {phone|010 65529988}
    {phone|86-10-65529988}
    {phone|86-21-6108-8888}
    {phone|+86-10-65529988}
    {phone|+86 (10) 6552 9988}
    {phone|+86 755 8888 6666}
    {phone|0755-88886666}
    {phone|0571-8888 6666}
    {phone|0571-8765432}
    {phone|0431.8888.6666}
    {phone|057188886666}
    办公室座机：{phone|65529988}
    座机{phone|6552-9988}
    固话 {phone|6552 9988}，上班时间打
    传真{phone|0512-66667777}
    {phone|(02) 2345-6789}，台北
    {phone|0912-345-678}
    {phone|0912345678}是我手機
    聯絡電話：{phone|0987 654 321}
    {phone|+886 912 345 678}
    {phone|+852 9123 4567}
    {phone|00852 91234567}
    {phone|+853 6612 3456}
    香港手機 {phone|9123 4567}
    電話{phone|+852-2345-6789}
    發郵件到{mail|wang.ming@example.com.tw}
    邮箱{mail|zhang_san@example.com}，急
    邮箱是{mail|308864024@qq.com}谢谢
    发到{mail|abc123@163.com}就行
    {mail|lee@example.cn}、{mail|wang@example.cn}
    邮箱：{mail|ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ}
    邮箱：{mail|zhang@example。com}
    写信给{mail|hans@例え.jp}
    写信给{mail|hans@xn--r8jz45g.jp}
    写信给{mail|用户@例子.公司}谢谢
    写信给：{mail|张三@例子.中国}
    写信给{mail|user@xn--fsqu00a.xn--0zwm56d}
    邮箱{mail|li<ZWSP>si@exa<ZWSP>mple.com}
    {mail|13800138000@139.com}
    {mail|a@b.cn}{phone|13800138000}
    邮箱{mail|zhao@example.com}手机{phone|13800138000}身份证{identity number|110101199003070003}
    请发发票到{mail|fapiao+2026@example.org}，税号91310000132211500X
    身份证{identity number|110101199003070003}
    身份证号：{identity number|310115198512240008}，姓名张三
    身份证号{identity number|11010519491231002X}
    身份证号{identity number|11010519491231002x}。
    身份证 {identity number|110105 19491231 002X}
    身份证 {identity number|440524 1880 0101 0014}
    身份证 {identity number|440-524-18800101-0014}
    身份证{identity number|１１０１０５１９４９１２３１００２Ｘ}
    身份证{identity number|110105<ZWSP>19491231<ZWSP>002X}
    {phone|13800138000} {identity number|11010519491231002X}
    {identity number|11010519491231002X} {phone|13800138000}
    {phone|13800138000}{identity number|110101199003070003}
    证件{identity number|440524188001010014} 2026-11-28办理
    2026-11-28 {identity number|440524188001010014}
    {identity number|440524188001010014} {identity number|11010519491231002X}
    卡号{card|6222028301661318604}
    卡号：{card|6222 0283 0166 1318 604}
    卡号{card|6217-0091-3909-9603-087}被扣款
    银行卡{card|6228482462819482191}，开户行农行
    工行{card|9558803194875749119}
    建行卡{card|4367423786579754328}
    信用卡{card|6250 9493 5181 9091}
    信用卡{card|4111 1111 1111 1111} 2026-11-28被盗刷
    2026-11-28 {card|4111 1111 1111 1111}
    {card|4111111111111111} {phone|13800138000}
    {phone|13800138000} {card|4111 1111 1111 1111}
    {card|5555555555554444}、{card|4111111111111111}
    卡{card|４１１１１１１１１１１１１１１１}
    卡{card|4111<ZWSP>1111<ZWSP>1111<ZWSP>1111}
    卡{card|6288 8824 5957 1171}有效期12/28
    {card|6222028301661318604}{phone|13800138000}
    {phone|13800138000}{phone|13900139000}
    姓名：李四<LF>电话：{phone|13800138000}<LF>地址：上海市浦东新区世纪大道100号
    姓名<TAB>{phone|13800138000}<TAB>100件
    备用号{phone|153-1234-5678}；常用{phone|18912345678}
    我爸的{phone|13100001111}，我妈的{phone|13200002222}
    QQ{phone|13800138000}不是QQ号是手机
    打{phone|13800138000}三次了
    {phone|13800138000}一直占线
    {phone|138-00138000}
    {phone|1380013-8000}
    {phone|138-001-38000}
    【顺丰】收件人{phone|13800138000}，运单SF1234567890123
    运单SF1234567890123 {phone|13800138000}
    订单：2026112812345678901，电话：{phone|13800138000}
    来自{phone|13800138000}的投诉：12315也管不了
    保修单里写的{phone|(0755)8888-6666}
    {phone|0755-88886666}-801
    电话{phone|6108 8888}没人接
    号码<BOM>{phone|138<BOM>00138000}
    用暗号：{phone|138零零138000}
    邮箱：{mail|zhang#example.com}
    邮箱 {mail|zhang 艾特 example 点 com}
    订单号20261128001234，退款
    订单号2026112800123456789怎么还没发货
    单号 9876543210
    单号：1234567890123456
    淘宝订单3526178903416782341
    运单号SF1234567890123
    快递单号YT8812345678901
    快递73100123456789
    京东订单号12235689503
    圆通 800123456789012345
    价格1399元，优惠后1299.00
    一共12800138000元
    ￥1,399,000.00
    共1280000件
    2026-11-28 10:30下的单
    2026/11/28 10:30:45
    20261128103045
    20261128 1030 我来过
    2026.11.28到2026.12.03
    2026年11月28日到2027年1月3日
    11月28日 12:00-13:00
    周一至周五 09:00-18:00
    时间戳1700000000000
    时间戳1700000000
    版本号10.0.19045.3803
    版本 3.14.15926
    IP是192.168.100.200
    IP 10.20.30.40:8080
    2001:0db8:85a3:0000:0000:8a2e:0370:7334
    ISBN 978-7-302-51152-3
    ISBN 9787302511526
    书号978-7-111-40701-0有货吗
    条形码6901234567892
    货号123-4567-8901
    型号XR-13800-A
    物料号1380-0138-00
    邮编200120
    客服400-820-8820
    打了400 820 8820没人接
    客服电话4008208820占线
    打12315投诉
    95588说没问题
    打10086
    110和119都打了
    股票600519涨到1800.50
    车牌沪A12345
    房号1203室
    身高175体重65
    发动机号123456789
    验证码382910
    优惠券代码20261111888
    经纬度 31.230416, 121.473701
    轮胎225/55 R17
    里程10万公里，转速2000-3000
    5000-6000公里一保养
    第1234567位访客
    排名 1 2 3 4 5 6 7
    1、2、3、4、5、6、7、8、9、10
    比分 3:2 5:4 1:0
    工号1234567
    税号91310000132211500X
    银行卡尾号8888
    尾号1111的卡
    身份证后四位002X
    身份证号11010519491231002Y不对
    身份证110105194912310021填错了
    卡号6222020200112230000
    卡号4111 1111 1111 1112无效
    0000000000000000
    一二三四五六七
    二零二六年十一月二十八日
    一百三十八块
    十三点八亿
    五五五五五五五五五五五
    5555555555哭了
    66666666666
    哈哈23333333333
    11111111111
    电话打了20次
    电话2026年11月28日打的
    座机坏了，订单20261128
    电话费1234567元
    @小明 你好
    微博@客服 在吗
    单价3@5元
    邮箱格式是xx@yy
    域名example.com
    网址https://example.com/p/123456789
    链接 http://a.cn/s?id=1582866622645548980
    UUID 550e8400-e29b-41d4-a716-446655440000
    校验 d41d8cd98f00b204e9800998ecf8427e
    分机8012
    批次20261128-001-0002
    合同编号HT-2026-1128-0003
    设备编码为：1003788-6200-383653
    公式 138+0013=151
    水费123.45电费678.90
    第10086次
    尺寸 120x80x60
    坐标(120, 30)
    2000-100的券
    09-12款
    """#

  private static let english = #"""
    call me on {phone|13800138000} please
    my mobile is {phone|138-0013-8000}
    {phone|13800138000} {phone|13900139000}
    order 20261128 {phone|13800138000}
    {phone|13800138000}. 3 days
    {phone|13800138000}, 3 days ago
    {phone|13800138000} and {phone|13900139000}
    order 20261128001 {phone|13800138000} late again
    reach me at {phone|+86 138 0013 8000} or {phone|+1 415 555 2671}
    ring {phone|+44 20 7946 0958} after six
    ring {phone|+44 (0)20 7946 0958} after six
    ring {phone|+44 20 7946 0958} 3 times
    ring {phone|+44 7911 123456}
    {phone|+442079460958}
    {phone|0044 20 7946 0958}
    {phone|020 7946 0958} is the office
    {phone|07911 123456}
    {phone|07911123456}
    {phone|0161 496 0000}
    {phone|(0161) 496 0000}
    {phone|(415) 555-2671} or {phone|1-415-555-2671}
    {phone|(415)555-2671}
    {phone|415-555-2671}
    {phone|415.555.2671}
    {phone|415 555 2671}
    {phone|+1-415-555-2671}
    {phone|+14155552671}
    {phone|001 415 555 2671}
    call {phone|4155552671}
    my number is {phone|4155552671}
    phone {phone|4155552671} thanks
    ph {phone|4155552671}
    phone number: {phone|415 5552671}
    text me at {phone|4155552671}
    tel. {phone|4155552671}
    {phone|4155552671} is where I can be reached
    {phone|123-456-7890}
    {phone|+49 30 901820}
    {phone|+49 151 23456789}
    {phone|+33 6 12 34 56 78}
    {phone|06 12 34 56 78}
    {phone|+81 90-1234-5678}
    {phone|090-1234-5678}
    {phone|03-1234-5678}
    {phone|+82 10-1234-5678}
    {phone|010-1234-5678}
    {phone|+65 9123 4567}
    {phone|+61 412 345 678}
    {phone|0412 345 678}
    {phone|+91 98765 43210}
    {phone|+998 90 123 45 67}
    phone: {phone|98765 43210}
    mobile {phone|9876543210}
    landline {phone|555-2671}
    whatsapp {phone|+44 7911 123456}
    whatsapp{phone|13800138000}
    call{phone|13800138000}now
    {phone|13800138000}thanks
    {phone|13800138000}x12
    {phone|021-6108-8888}
    {phone|(010) 6552-9988} ext 12
    {phone|86-10-65529988}
    {phone|86 10 6552 9988}
    fax {phone|+86 21 6108 8888}
    phone {phone|6552-9988}
    {phone|138/0013/8000}
    {phone|138<ZWSP>0013<ZWSP>8000}
    {phone|415<ZWSP>-555<ZWSP>-2671}
    {phone|１３８００１３８０００}
    {phone|𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎}
    {phone|١٣٨٠٠١٣٨٠٠٠}
    {phone|1 3 8 0 0 1 3 8 0 0 0}
    {phone|138–0013–8000}
    {phone|138—0013—8000}
    {phone|138 - 0013 - 8000}
    {phone|138*0013*8000}
    {phone|138~0013~8000}
    my old one is {phone|13800138000};new one {phone|13900139000}
    #{phone|13800138000}
    ({phone|13800138000})
    "{phone|13800138000}"
    phone={phone|13800138000}&name=li
    file_{phone|13800138000}.pdf
    IMG_20261128_{phone|13800138000}.jpg
    write to {mail|jane.doe+shop@example.co.uk}.
    write to {mail|jane@example.com}, please
    {mail|jane@example.com};{mail|john@example.com}
    <{mail|jane@example.com}>
    mailto:{mail|jane@example.com}
    "{mail|o'brien@example.com}"
    ({mail|JANE.DOE@EXAMPLE.COM})
    {mail|jane_doe-1980@mail.example.museum}
    {mail|j@x.io} is mine
    {mail|jane@xn--r8jz45g.jp}
    {mail|jane@例え.jp}
    {mail|jürgen@example.de}
    {mail|jane@müller.de}
    {mail|ja<ZWSP>ne@example.com}
    {mail|jane＠example.com}
    {mail|jane@example.com}{phone|13800138000}
    {mail|jane@example.com} {phone|+1 415 555 2671}
    https://example.com/?mail={mail|jane@example.com}&x=1
    from {mail|jane@mail.example.com} on 2026-11-28
    {mail|jane at example dot com}
    {mail|jane(at)example.com}
    card {card|4111 1111 1111 1111} was charged
    card {card|4111-1111-1111-1111}
    card {card|4111111111111111}
    card {card|4111 1111 1111 1111} 2026-11-28
    2026-11-28 {card|4111 1111 1111 1111}
    {card|4111 1111 1111 1111} exp 12/28 cvv 123
    {card|4111 1111 1111 1111}, {card|5555 5555 5555 4444}
    {card|4111 1111 1111 1111} {card|5555 5555 5555 4444}
    {card|4111111111111111} {card|5555555555554444}
    amex {card|3782 712768 42680}
    amex {card|371446563212238}
    diners {card|3056 666176 0318}
    diners {card|30566661760318}
    visa {card|4539862527601897}
    visa {card|4916.5559.7971.1478}
    mastercard {card|5218 1049 7465 0753}
    mastercard {card|2231291703423667}
    discover {card|6011 3079 2440 2681}
    jcb {card|3566599528907869}
    unionpay {card|6212260928159013962}
    unionpay {card|6288882459571171}
    card {card|4024_0073_7215_9011}
    card {card|4111<ZWSP>1111<ZWSP>1111<ZWSP>1111}
    my card 4111... no, {card|5555555555554444}
    {card|4111111111111111} {phone|13800138000}
    {phone|13800138000} {card|4111111111111111}
    order 1234 card {card|4111111111111111} amount 1299.00
    id {identity number|11010519491231002x}, mail {mail|a@b.cn}, tel {phone|13912345678}
    ID {identity number|440524188001010014}
    id card {identity number|110105 19491231 002X}
    {phone|13800138000} {identity number|11010519491231002X}
    {identity number|110101199003070003} {phone|13800138000} {card|4111111111111111}
    passport of Li, ID no. {identity number|310115198512240008}, phone {phone|13800138000}
    Name: Li<LF>Phone: {phone|13800138000}<LF>Order: 20261128
    call {phone|415-555-2671} or {phone|415-555-2672} before 5
    call {phone|13800138000} at 10:30 on 2026-11-28
    1. {phone|13800138000} 2. {phone|13900139000}
    home {phone|(212) 555-0187}, work {phone|(212) 555-0188}
    order 20261122000134
    order #20261128001234 has not come
    order number 12235689503
    order no. 4155552671
    invoice 2026-1128-0003
    invoice INV-20261128-0007
    my order is 1234567
    reference 98765432
    case 5084773604
    ticket 1-2888155964
    request: 1-2888155964 thanks
    booking number 218567392
    confirmation number 6543218907
    account number is 56235378
    4111 1111 1111 1112
    it costs 1299.00, not 1,399
    it costs $1,399,000.00
    12800138000 dollars
    call 400-820-8820
    call 1-800-555-0199
    call 800-433-7300
    parcel SF13800138000X9
    parcel 1Z999AA10123456784
    parcel RR123456789CN
    tracking 9400 1118 9956 1234 5678 90
    tracking 794644790132
    tracking number JD0012345678901
    see me @ noon
    a@b
    @home
    @USAirways hello
    11010519491231002Y
    0000000000000000
    2026-11-28 10:30
    2026-11-28T10:30:00Z
    11/28/2026 10:30 AM
    28.11.2026, 10:30
    01-12-2026 10:30
    from 2026-11-28 to 2026-12-03
    20261128
    20261128103045
    1700000000
    1700000000000
    version 10.0.19045.3803
    iOS 17.5.1, build 21F90
    v1.38.0013.8000b
    192.168.100.200
    10.20.30.40:8080
    255.255.255.0
    2001:db8::8a2e:370:7334
    00:1A:2B:3C:4D:5E
    550e8400-e29b-41d4-a716-446655440000
    ISBN 978-0-306-40615-7
    ISBN 0-306-40615-2
    ISBN 9780306406157
    ISSN 2049-3630
    EAN 4006381333931
    UPC 036000291452
    serial 13800138000A
    serial SN13912345678
    part no. 123-4567-8901
    model 13800-138
    zip 94105-1234
    room 1203, floor 12
    flight 1613/2440
    BA2490 at 10:45
    size 225/55 R17
    120 140 160 km/h
    100 200 300 400
    1 2 3 4 5 6 7
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    5-6 days, 10-12 at most
    3000-3500 rpm
    3.14159265358979
    31.230416, 121.473701
    0.00012345678
    1e10 or 12345678901e2
    99999999999
    call back 3 times
    call it 5000000 times
    phone bill of 20261128
    phone died on 2026-11-28
    calls: 12, 15, 18
    my phone is an iPhone 15 256GB
    the number of visitors was 1234567
    ring size 17, 18 or 19
    hotel 65529988
    text 12345 to win
    win 1000000!
    d41d8cd98f00b204e9800998ecf8427e
    0x13800138000
    git clone git@github
    npm i @scope/package@1.2.3
    price 5@3.50
    https://example.com/@user.name
    https://example.com/p/123456789012
    http://a.cn/s?id=1582866622645548980
    sheet A1:B20
    score 21-19 19-21 21-15
    batch 20261128-001-0002
    tax 91310000132211500X
    VAT GB123456789
    policy 4567 8901 2345
    seat 12A, gate 34
    +1 for this
    +5 points
    C++11, C++17
    (((1
    """#

  /// One message with its personal data.
  struct Case {
    let text: String
    /// Ranges in Unicode scalars.
    let data: [PersonalDatum]
  }

  private static let invisible: [(String, String)] = [
    ("<ZWSP>", "\u{200B}"), ("<ZWJ>", "\u{200D}"), ("<ZWNJ>", "\u{200C}"), ("<SHY>", "\u{AD}"), ("<BOM>", "\u{FEFF}"),
    ("<KEY>", "\u{FE0F}\u{20E3}"), ("<NBSP>", "\u{A0}"), ("<TAB>", "\t"), ("<LF>", "\n"),
  ]

  static func read(_ language: Language) -> [Case] {
    (language == .chinese ? chinese : english).split(separator: "\n").map { line in
      var text = String.UnicodeScalarView()
      var data: [PersonalDatum] = []
      var rest = invisible.reduce(String(line)) { $0.replacing($1.0, with: $1.1) }.unicodeScalars[...]
      while let open = rest.firstIndex(of: "{"), let bar = rest[open...].firstIndex(of: "|"),
        let close = rest[bar...].firstIndex(of: "}"),
        let kind = PersonalDatum.Kind(rawValue: String(rest[rest.index(after: open)..<bar]))
      {
        text.append(contentsOf: rest[..<open])
        let start = text.count
        text.append(contentsOf: rest[rest.index(after: bar)..<close])
        data.append(PersonalDatum(kind: kind, range: start..<text.count))
        rest = rest[rest.index(after: close)...]
      }
      text.append(contentsOf: rest)
      return Case(text: String(text), data: data)
    }
  }
}
