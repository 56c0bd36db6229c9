extension DefinitionCases {
  /// Where implementations differ.
  static let corners: [(String, String)] = [
    // An option that is there hides what is wrong with the other.
    ("optional.of(1).or(optional.of(1 / 0)).value()", "1"),
    ("optional.of(1).orValue(1 / 0)", "1"), ("optional.none().orValue(1 / 0)", "error"),
    ("optional.none().optFlatMap(x, x).hasValue()", "false"),
    // Whole numbers in hexadecimal begin with a small x.
    ("0XFF", "error"), ("0xFFu", "255u"), ("double('1e400')", "error"), ("double('1e-400')", "0.0"),
    ("uint(-0.0)", "0u"), ("uint(-1.0)", "error"), ("uint(0.99)", "0u"),
    // Texts of numbers.
    ("'%d'.format([3.14])", "'3.14'"), ("'%d'.format([1.0])", "'1'"),
    ("'%d'.format([-0.5])", "'-0.5'"), ("'%s'.format([1e20])", "'100000000000000000000'"),
    ("'%s'.format([1.5e-7])", "'0.00000015'"), ("'%s'.format([-2.5e17])", "'-250000000000000000'"),
    ("'%s'.format([1.2345e17])", "'123450000000000000'"),
    ("'%s'.format([12345678.25])", "'12345678.25'"),
    ("'%s'.format([[1e20, {'a': 1e-7}]])", "'[100000000000000000000, {a: 0.0000001}]'"),
    ("'%s'.format([duration('1.000000001s')])", "'1.000000001s'"),
    ("'%s'.format([duration('-0.5s')])", "'-0.5s'"),
    ("'%s'.format([duration('2h')])", "'7200s'"), ("'%s'.format([duration('0')])", "'0s'"),
    ("string(1e20)", "'1e+20'"),
    // Searching by characters, also of several bytes.
    ("'a🐱b🐱'.indexOf('🐱', 2)", "3"), ("'a🐱b🐱'.lastIndexOf('🐱', 2)", "1"),
    ("'a🐱b🐱'.lastIndexOf('🐱')", "3"), ("'abab'.lastIndexOf('ab', 1)", "0"),
    ("'abc'.indexOf('', 3)", "3"), ("'abc'.indexOf('', 4)", "error"),
    ("'abc'.lastIndexOf('', 2)", "2"), ("'abc'.lastIndexOf('')", "3"),
    ("'abc'.lastIndexOf('abcd')", "-1"), ("''.lastIndexOf('a')", "-1"),
    ("''.indexOf('')", "0"), ("'aaa'.lastIndexOf('aa')", "1"), ("'aaa'.lastIndexOf('aa', 0)", "0"),
    ("'abc'.replace('', '-')", "'-a-b-c-'"), ("'é🐱'.replace('', '-', 2)", "'-é-🐱'"),
    ("''.replace('', 'x')", "'x'"), ("'aaa'.replace('aa', 'b')", "'ba'"),
    ("'abc'.replace('b', 'x', 0)", "'abc'"), ("'aXbX'.replace('X', 'yy', -1)", "'ayybyy'"),
    ("'abc'.split('', 2)", "['a', 'bc']"), ("'é🐱'.split('')", "['é', '🐱']"),
    ("''.split('')", "[]"), ("''.split(',')", "['']"), ("',a,'.split(',')", "['', 'a', '']"),
    ("'a'.split('', 5)", "['a']"), ("'aaaa'.split('aa')", "['', '', '']"),
    ("'a,b,c'.split(',', 1)", "['a,b,c']"), ("'a,b'.split(',', 9)", "['a', 'b']"),
    // Time zones are names of the IANA database or offsets, and nothing else that a system may know.
    ("timestamp(0).getHours('PST')", "error"), ("timestamp(0).getHours('GMT+1')", "error"),
    ("timestamp(0).getHours('EST')", "19"), ("timestamp(0).getHours('Etc/GMT+1')", "23"),
    ("timestamp(0).getHours('CET')", "1"), ("timestamp(0).getHours('+1:00')", "error"),
    ("timestamp(0).getHours('utc')", "error"),
    ("timestamp('2009-02-13T23:31:30.1234567891Z').getMilliseconds()", "123"),
    (
      "timestamp('2009-02-13T23:31:30.9999999999Z') - timestamp('2009-02-13T23:31:30Z')",
      "duration('999999999ns')"
    ),
    ("base64.decode('aGVsbG8==')", "error"), ("base64.decode('aGVsbA==')", "b'hell'"),
    ("base64.decode('=')", "error"), ("base64.decode('ab=c')", "error"),
  ]

  /// What the checker refuses in an environment that keeps to the definition.
  static let refused: [String] = [
    "null == 1", "1 != null", "null in [1]", "[null] + [1]", "true ? null : 1", "null == 'a'",
    "[1] == [1.0]", "1 in ['a']", "{'a': 1} == {1: 1}", "[1] + ['a']", "true ? [1] : ['a']",
    "optional.of(1).orValue('a')", "[1, 2].exists(x, x)", "'a'.map(x, x)", "1.a", "int == 1",
    "optional.of(1).optFlatMap(x, x)", "[?1]", "{?'a': 1}", "[1].join()", "math.trunc(1)",
  ]

  /// What it accepts, with null where the definition has it.
  static let accepted: [String] = [
    "null == null", "null == timestamp(0)", "optional.of(1) == null", "dyn(1) == null",
    "[timestamp(0), null][0] == null", "null in [null]", "null in [timestamp(0)]",
    "[null] + [timestamp(0)] == []", "(true ? null : duration('1s')) == null",
    "[1, null] == [dyn(1), null]",
  ]
}
