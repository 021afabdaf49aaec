/**
  Quantities: amounts of bytes, cores or operations, counted to the billionth, and the isolators that are made of them.
*/
{ names, check }:

let
  facts = import ./facts.nix;

  inherit (builtins)
    elemAt
    foldl'
    fromJSON
    genList
    head
    isFloat
    isString
    match
    stringLength
    substring
    ;
  inherit (check)
    bad
    both
    ok
    record
    test
    wrong
    ;

  inherit (facts.quantity) leastMemory most;

  # What a suffix multiplies with: a factor, so many times.
  scales =
    let
      times = factor: count: { inherit factor count; };
      thousand = times 1000;
      binary = times 1024;
    in
    {
      k = thousand 1;
      M = thousand 2;
      G = thousand 3;
      T = thousand 4;
      P = thousand 5;
      E = thousand 6;
      Ki = binary 1;
      Mi = binary 2;
      Gi = binary 3;
      Ti = binary 4;
      Pi = binary 5;
      Ei = binary 6;
    };

  # And what it divides by: a power of ten.
  powers = {
    m = 3;
    u = 6;
    n = 9;
  };

  power = count: foldl' (product: _: product * 10) 1 (genList (_: null) count);
  billion = power 9;

  # Digits as a number; JSON knows no leading zeros.
  digits = text: fromJSON (head (match "0*(0|[1-9][0-9]*)" text));

  # Null is more than any image may have, so that no product is too much for the evaluator.
  multiply =
    factor: amount:
    let
      billionths = amount.billionths * factor;
    in
    if amount == null || amount.whole > most / factor then
      null
    else
      {
        whole = amount.whole * factor + billionths / billion;
        billionths = billionths - billionths / billion * billion;
      };

  divide =
    places: amount:
    let
      divisor = power places;
      rest = amount.whole - amount.whole / divisor * divisor;
    in
    {
      whole = amount.whole / divisor;
      # The rule for quantities leaves nothing that is finer.
      billionths = rest * power (9 - places) + amount.billionths / divisor;
    };

  # The amount that a valid quantity is, in whole ones and billionths; null where it is above all bounds.
  amount =
    quantity:
    let
      parts = match "([0-9]+)([.]([0-9]+))?([a-zA-Z].*)?" (toString quantity);
      fraction = if elemAt parts 2 == null then "" else elemAt parts 2;
      suffix = if elemAt parts 3 == null then "" else elemAt parts 3;
      exponent = match "[eE]([+]|-)?([0-9]+)" suffix;
      exponentDigits = digits (elemAt exponent 1);
      number = {
        whole = digits (head parts);
        billionths = if fraction == "" then 0 else digits fraction * power (9 - stringLength fraction);
      };
      scaled = factor: count: foldl' (amount: _: multiply factor amount) number (genList (_: null) count);
      zero = number.whole == 0 && number.billionths == 0;
    in
    if zero || suffix == "" then
      number
    else if powers ? ${suffix} then
      divide powers.${suffix} number
    else if scales ? ${suffix} then
      scaled scales.${suffix}.factor scales.${suffix}.count
    else if head exponent == "-" then
      divide exponentDigits number
    else
      scaled 10 exponentDigits;

  isAbove = a: b: a.whole > b.whole || a.whole == b.whole && a.billionths > b.billionths;
  isWhole = quantity: (amount quantity).billionths == 0;
  wholeRule = "M is a million, m a thousandth";

  quantity =
    path: value:
    let
      # A fraction is handed over as text: versions of Nix print it differently in JSON.
      text = if check.isNumber value then check.number value else value;
      short = substring 0 100 text;
      thousand = match "([0-9.]+)K" short;
      bytes = match "([0-9.]+)([kKMGTPEmgtpe])[bB]" short;
      point = match "[.][0-9].*" short;
      unit = letter: if names.lower letter == "k" then "k" else names.upper letter;
      mend =
        if thousand != null then
          "; write \"${head thousand}k\" or \"${head thousand}Ki\""
        else if bytes != null then
          "; write \"${head bytes}${unit (elemAt bytes 1)}\""
        else if point != null then
          "; write \"0${short}\""
        else
          "";
      counted = amount text;
    in
    if !isString text then
      bad path value "must be a number or a text such as \"512Mi\""
    else if !names.fits "quantity" text then
      bad path value "${facts.texts.quantity.rule}${mend}"
    else if counted != null && counted.whole == 0 && counted.billionths == 0 then
      bad path value "must be above 0; leave it out where nothing is meant"
    else if
      counted == null
      || isAbove counted {
        whole = most;
        billionths = 0;
      }
    then
      bad path value "must be at most ${toString most}"
    else
      ok (if isFloat value then text else value);

  bytes = both quantity (test isWhole "must be a whole number of bytes; ${wholeRule}");

  memory = both bytes (
    path: value:
    if (amount value).whole < leastMemory then
      bad path value
        "must be at least ${toString leastMemory} bytes, the least with which rkt starts a program; write \"${toString (leastMemory / 1024)}Ki\" or more"
    else
      ok value
  );

  limiting =
    path: value:
    if value ? request || value ? limit then ok value else wrong path "limits nothing; write limit = …";

  # A checker for a quantity where a set of them is wanted.
  notAlone =
    quantity: around: checker: path: value:
    if isString value || check.isNumber value then
      bad path value
        "must be a set; write { ${around}limit = ${
          if (quantity path value).problems == [ ] then check.show value else "…"
        }; }"
    else
      checker path value;

  requestAndLimit =
    quantity:
    notAlone quantity "" (
      both (record {
        default = both check.bool (test (value: !value) "must be false or left out");
        request = quantity;
        limit = quantity;
      }) (both limiting requestWithinLimit)
    );

  requestWithinLimit =
    path: value:
    if value ? request && value ? limit && isAbove (amount value.request) (amount value.limit) then
      bad "${path}.request" value.request
        "is above the limit ${toString value.limit}; request that much or less"
    else
      ok value;

  wholeQuantity = both quantity (test isWhole "must be a whole number; ${wholeRule}");
in
{
  /**
    A checker for a number of bytes.
  */
  inherit bytes;

  /**
    A checker for cores: a request, a limit, or both.
  */
  cores = requestAndLimit quantity;

  /**
    The same for bytes of memory, which are whole and enough.
  */
  memory = requestAndLimit memory;

  /**
    A checker for a limit that a program gets by default, the only form that some isolators have.
  */
  limitByDefault = notAlone wholeQuantity "default = true; " (
    both (record {
      default = {
        check = both check.bool (test (value: value) "must be true");
        missing = "write default = true";
      };
      limit = wholeQuantity;
    }) limiting
  );
}
