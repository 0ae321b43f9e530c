"""For each instruction: its arguments, responses that follow it, and responses that do not."""

from typing import Any

Case = tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]

_ENGLISH = "the quick brown fox jumps over the lazy dog while the children are watching from the old garden"
_GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, während die Kinder im Garten zuschauen."
_HINDI = "यह एक सरल वाक्य है जो हिंदी में लिखा गया है और सब लोग इसे पढ़ सकते हैं।"
_QUESTIONS = "\n".join(
    f"Question {number}. {'Who painted this ' + 'very ' * number + 'famous picture'}?\n"
    + "\n".join(f"{letter}) Painter {letter}" for letter in "ABCDE")
    for number in range(1, 5)
)
_AFRICA = (
    "Algeria Angola Benin Botswana Burkina_Faso Burundi Cabo_Verde Cameroon Central_African_Republic Chad "
    "Comoros Democratic_Republic_of_the_Congo Djibouti Egypt Equatorial_Guinea Eritrea Eswatini Ethiopia "
    "Gabon Gambia Ghana Guinea Guinea-Bissau Ivory_Coast Kenya Lesotho Liberia Libya Madagascar Malawi "
    "Mali Mauritania Mauritius Morocco Mozambique Namibia Niger Nigeria Republic_of_the_Congo Rwanda "
    "São_Tomé_and_Príncipe Senegal Seychelles Sierra_Leone Somalia South_Africa South_Sudan Sudan "
    "Tanzania Togo Tunisia Uganda Zambia Zimbabwe"
)
_AFRICA_REVERSED = "\n".join(country.replace("_", " ") for country in reversed(_AFRICA.split()))
_CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, "
    "Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, "
    "Budapest, Vaduz, Chișinău, Bern, Ljubljana, Zagreb"
)
_CITIES = "ID,Country,City,Year,Count\n" + "\n".join(f"{row},Italy,Rome,2020,{row * 3}" for row in range(1, 8))
_PRODUCTS = "ProductID,Category,Brand,Price,Stock\n" + "\n".join(
    f'{row},Toys,"Smith & Sons",{row}.50,{row * 3}' for row in range(1, 15)
)
_STUDENTS = "\n".join(
    "\t".join(f'"{field}"' for field in row)
    for row in (("StudentID", "Subject", "Grade", "Semester", "Score"), *(("1", "Art", "A", "Fall", "90"),) * 3)
)
_ALPHABET = " ".join(f"{letter}nna sleeps." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PALINDROMES = "level radar civic kayak madam refer rotor stats tenet solos"

IFEVAL: list[Case] = [
    (
        "keywords:existence",
        {"keywords": ["apple", "pear"]},
        ("Pears and an APPLE.",),
        ("An apple.", "a p p l e pear"),
    ),
    (
        "keywords:frequency",
        {"keyword": "sun", "frequency": 2, "relation": "at least"},
        ("Sun, sun.", "the sunny sun"),
        ("Sun.",),
    ),
    ("keywords:frequency", {"keyword": "a.b", "frequency": 1, "relation": "less than"}, ("aXb",), ("a.b",)),
    (
        "keywords:forbidden_words",
        {"forbidden_words": ["bad", "C++"]},
        ("Badly C+ done.",),
        ("so Bad!", "I use c++."),
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, ("good",), ("b\u200bad", "ba\u00add")),
    (
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 2, "let_relation": "at least"},
        ("Qq",),
        ("q",),
    ),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 4, "let_relation": "less than"},
        ("###",),
        ("####",),
    ),
    ("language:response_language", {"language": "de"}, (_GERMAN,), (_ENGLISH, "12345", "!!!")),
    ("language:response_language", {"language": "hi"}, (_HINDI,), (_ENGLISH,)),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        ("One. Two! Three?", "Dr. Who came. He left at 3.14. Why?"),
        ("One. Two!", "Dr. No met Mr. Bond.", "Wait... what", "e.g. this. That."),
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        ("1. One thing.\n2. Another thing.",),
        ("A dog. A cat. A cow.",),
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        ("One\n***\nTwo", "***\nOne\n***\nTwo\n***"),
        ("One\n\nTwo", "One ****** Two", "One *** Two *** Three", "***\n***"),
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "at least"},
        ("one two three", "don't go"),
        ("one two",),
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3.0, "relation": "less than"},
        ("one two",),
        ("one two three",),
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Two"},
        ("One.\n\nTwo, then.", 'One.\n\n"Two" it is.', "One.\n\n\n\n**Two** it is."),
        ("Two.\n\nOne.", "One.\nTwo.", "One.\n\nTwo.\n\nThree.", "One.\n\nTwofold."),
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        ("Dear [name], live at [address].",),
        ("Dear [name].", "[] [ ] []"),
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        ("Hi.\n\nP.S. Bye.", "Hi. p.s. bye"),
        ("Hi.", "Hi. PS bye", "Hi. P.S."),
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        ("P.P.S. Bye", "p. p. s bye"),
        ("P.S. Bye",),
    ),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        ("* One\n* Two", "- One\n  - Two\n---", "**Title**\n* One\n* Two"),
        ("* One", "* One\n* Two\n* Three", "*\n*", "• One\n• Two"),
    ),
    (
        "detectable_format:constrained_response",
        {},
        ("My answer is yes.", "Well: My answer is maybe."),
        ("Yes.", "My answer is yes. My answer is no. My answer is maybe."),
    ),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        ("*One* and *two*.", "**One** and *two*."),
        ("*One*.", "** ** * *"),
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        ("Section 1\nOne.\nSection 2\nTwo.", "Section1 a Section2 b"),
        ("Section 1\nOne.", "Section 1 Section 1", "Section One Section Two"),
    ),
    (
        "detectable_format:json_format",
        {},
        ('{"a": [1, 2]}', '```json\n{"a": 1}\n```', "```\n[]\n```"),
        ("{a: 1}", 'Here: {"a": 1}', '"text"', "[" * 100_000, "```"),
    ),
    ("detectable_format:title", {}, ("<<Poem>>\nRoses", "x <<a b>>"), ("<Poem>", "<<>>", "<<  >>", "<<a\nb>>")),
    (
        "combination:two_responses",
        {},
        ("One\n******\nTwo", "******\nOne\n******\nTwo"),
        ("One", "One ****** One", "One ****** Two ****** Three", "One ****** ****** Two"),
    ),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Write a poem."},
        ("Write a poem. Roses are red.", "write a POEM.\n\nRoses"),
        ("Write a poem.", "Sure: Write a poem. Roses", "Roses"),
    ),
    (
        "startend:end_checker",
        {"end_phrase": "Any questions?"},
        ("So. Any questions?", '"So. any questions?"'),
        ("So.",),
    ),
    ("startend:quotation", {}, ('"All of it."',), ("None", '"', '""', '"Half" of it', "'All of it.'")),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        ("NASA and ESA.", "I AM."),
        ("NASA", "Nasa and Esa"),
    ),
    (
        "change_case:english_capital",
        {},
        (_ENGLISH.upper(), "I LOVE PIZZA", "WE WILL MEET AT NOON."),
        (_ENGLISH, _GERMAN.upper(), "123", "!!!"),
    ),
    (
        "change_case:english_lowercase",
        {},
        (_ENGLISH, "no problem at all", "yes, i agree with you."),
        (_ENGLISH.capitalize(), _GERMAN.lower(), "123"),
    ),
    ("punctuation:no_comma", {}, ("One and two.",), ("One, two", "One\uff0c two", "One\u060c two")),
]

TRAINING: list[Case] = [
    (
        "copy:repeat_phrase",
        {"phrase": "Time flies when having fun", "small_n": 2},
        ("Time flies while having fun. Time drags when having fun.",),
        (
            "Time flies when having fun. Time flies when having fun.",
            "Time flies while having fun.",
            "Time drags while having fun. Time flies when making fun.",
        ),
    ),
    ("copy:copy", {"prompt_to_repeat": "Write a poem."}, ("write a poem. ",), ("Write a poem. Roses",)),
    (
        "new:copy_span_idx",
        {"prompt_to_repeat": "Write a poem.", "n_start": 6, "n_end": 11},
        ("a poem", "a poe"),
        ("Write a poem.", "poem"),
    ),
    (
        "detectable_format:sentence_hyphens",
        {},
        ("I like dogs.-They like me.", "Why?-Because!"),
        ("I like dogs. They like me.", "I like dogs.- They like me.", "I like dogs."),
    ),
    (
        "keywords:no_adjacent_consecutive",
        {},
        ("apple crumble", "zebra apple"),
        ("apple butter", "One panda", "alone"),
    ),
    ("detectable_format:square_brackets", {}, ("[Every] [word.]",), ("[Every word]", "Every [word]", "[]")),
    ("keywords:word_once", {"keyword": "sun"}, ("The Sun.",), ("The moon.", "Sun and sun.")),
    (
        "keywords:word_count_different_numbers",
        {"keyword": "sun", "frequency": 2, "relation": "less than"},
        ("The sun.",),
        ("Sun, sun.",),
    ),
    ("keywords:exclude_word_harder", {"keyword": "sun"}, ("Sunny days.",), ("The sun.", "Sun", "the sun shines")),
    ("paragraphs:paragraphs", {}, ("One\n***\nTwo",), ("One", "One\n***", "a *** b *** c")),
    (
        "paragraphs:paragraphs2",
        {},
        ("One\nline.\n\nTwo.", "One.\n \n\nTwo."),
        ("One.\nTwo.", "One.\n\nTwo.\n\nThree."),
    ),
    ("first_word:first_word_sent", {"first_word": "We"}, ("We came. We saw!",), ("We came. They saw.",)),
    ("first_word:first_word_answer", {"first_word": "yes"}, ("Yes, we can.", "**Yes**"), ("Oh yes.", "Yesterday")),
    ("last_word:last_word_sent", {"last_word": ["now"]}, ("Go now. Why now?",), ("Go now. Why?",)),
    ("last_word:last_word_answer", {"last_word": "now"}, ("Go right now!",), ("Now go.",)),
    (
        "detectable_format:bigram_wrapping",
        {},
        ("<<I am>> <<at home>>", "<<I am>> home"),
        ("<<I am at home>>", "I am", "word"),
    ),
    ("copy:copying_simple", {"prompt_to_repeat": "Write a poem."}, ("Write a poem.",), ("A poem.",)),
    (
        "copy:copying_multiple",
        {"prompt_to_repeat": "Hi.", "N": 2},
        ("Hi.\n******\nHi.",),
        ("Hi.", "Hi. Hi.", "Hi. ****** Hi. ****** Hi."),
    ),
    ("punctuation:punctuation_dot", {}, ("No dot!",), ("A dot.", "3.14", "Dots\u2026", "Dot\u3002")),
    ("punctuation:punctuation_exclamation", {}, ("No mark.",), ("A mark!", "Mark\uff01")),
    ("count:lowercase_counting", {"N": 2}, ("ONE two three", "ALL CAPITALS"), ("one two three", "?!")),
    ("letters:letter_counting", {"N": 4, "relation": "less than"}, ("a1 b2 c3",), ("abcd",)),
    (
        "letters:letter_counting2",
        {"letter": "b", "let_frequency": 2, "let_relation": "at least"},
        ("Bob",),
        ("bat",),
    ),
    (
        "count:counting_composition",
        {"n_sent": 2, "n_words": 2},
        ("\n***\n".join(["I run. You walk."] * 3), "\n* * *\n".join(["I run. You walk."] * 3)),
        ("\n***\n".join(["I run. You walk."] * 2), "\n***\n".join(["I run. You walk on."] * 3)),
    ),
    ("count:count_unique", {}, ("No word comes twice.",), ("The cat saw the dog.", "?!")),
    (
        "count:count_increment_word",
        {"keyword1": "sun", "keyword2": "moon"},
        ("Sun, moon, moon.",),
        ("Sun, moon.", "Sun, sun, moon, moon."),
    ),
    ("keywords:palindrome", {}, ("A kayak.", "Noon!"), ("I saw a dog.", "11 22")),
    (
        "keywords:keyword_specific_position",
        {"keyword": "dogs", "n": 2, "m": 3},
        ("Yes. I like dogs.",),
        ("I like dogs. Yes.", "Yes. Dogs like me."),
    ),
    ("keywords:start_end", {}, ("Well done is done well",), ("Well done is done well.", "Well done", "well")),
]

IFBENCH: list[Case] = [
    (
        "count:word_count_range",
        {"min_words": 2, "max_words": 3},
        ("one two", "one two three"),
        ("one", "one two three four"),
    ),
    ("count:unique_word_count", {"N": 3}, ("One two three.",), ("One, one, one two.",)),
    ("ratio:stop_words", {"percentage": 50}, ("Brown dogs bark.", "The dog"), ("It is the dog.", "!?")),
    ("ratio:sentence_type", {}, ("I am. You are. Who is?",), ("I am. Who is?", "no sentence", "I am.")),
    ("ratio:sentence_balance", {}, ("I am. Who is? Go!",), ("I am. Who is?", "no sentence")),
    ("count:conjunctions", {"small_n": 2}, ("You and I, but not so.",), ("And and, AND and.",)),
    (
        "count:person_names",
        {"N": 2},
        ("Emma met Liam's friend.",),
        ("Emma met Emma.", "Bob met Tim.", "Emmanuel Liamson"),
    ),
    (
        "ratio:overlap",
        {"reference_text": "This is the test.", "percentage": 100},
        ("This is the test.",),
        ("Something else entirely.", "ab"),
    ),
    ("count:numbers", {"N": 2}, ("3.14 and 1,000", "In 2020 and 2021."), ("1 2 3", "none")),
    ("words:alphabet", {}, ("A big cat", "Yes, zebras ask."), ("A cat", "1 2", "Big apple")),
    ("words:vowel", {}, ("Cats eat a big salad.", "My sky"), ("You are so big.", "A\nb")),
    ("words:consonants", {}, ("Brown dogs", "Strong world."), ("A brown dog",)),
    (
        "sentence:alliteration_increment",
        {},
        ("I see. Big bears eat. Cool cats can count.",),
        ("Big bears eat. I see.", "Big bears.", "I see. You go."),
    ),
    (
        "words:palindrome",
        {},
        (_PALINDROMES, _PALINDROMES.upper()),
        ("level " * 10, "aaaaa bbbbb " * 10, "noon " * 10),
    ),
    ("count:punctuation", {}, ("A, b; c: d. e! f? g?!",), ("A, b; c: d. e?!", "A.", "A, b; c: d. e! f?")),
    (
        "format:parentheses",
        {},
        ("(a [b {c (d [e])}])", "((((()))))"),
        ("(a [b {c (d)}])", "(((((", "([{([)]}])", "() () () () ()"),
    ),
    (
        "format:quotes",
        {},
        ('"He said \'she said "no" to me\' then"', "\u201ca \u2018b \u201cc\u201d d\u2019 e\u201d"),
        ('"a" "b" "c"', "\"a 'b' c\"", "don't won't can't"),
    ),
    ("words:prime_lengths", {}, ("We are happy.",), ("I am", "four", "?")),
    ("format:options", {"options": "yes/no/maybe"}, ("Yes.", "no"), ("yes and no", "perhaps")),
    (
        "format:options",
        {"options": "I know or I don't know"},
        ("I know", "I don't know."),
        ("I know or I don't know",),
    ),
    ("format:options", {"options": "a), b), c), d)"}, ("b)",), ("B", "e)", "a), b)")),
    ("format:newline", {}, ("One\nword\n\neach",), ("Two words\nhere", "---")),
    (
        "format:emoji",
        {},
        ("I run. \U0001f600 You walk. \U0001f600", "I run \U0001f600.", "Love \u2764\ufe0f!"),
        ("I run.", "I run. You walk. \U0001f600", "\U0001f600 I run."),
    ),
    (
        "ratio:sentence_words",
        {},
        ("I run now. We ate it. He saw me.",),
        ("I run now. We ate it.", "I run now. We run it. He saw me.", "I run. We ate it. He saw me."),
    ),
    ("count:words_japanese", {"N": 2}, ("one 猫 two 犬", "one ねこ."), ("one two", "one", "猫 one")),
    (
        "words:start_verb",
        {},
        ("Write it down.", "Running helps.", "Don't go.", "Took it.", "Tried hard.", "**Consider** this."),
        ("The dog.", "Beautiful day.", "42"),
    ),
    ("words:repeats", {"small_n": 2}, ("a b a b",), ("a, a, A", "?")),
    (
        "sentence:keyword",
        {"word": "dogs", "N": 2},
        ("Yes. I like Dogs.",),
        ("Dogs. Yes.", "Yes. A hotdogs.", "Yes."),
    ),
    ("count:pronouns", {"N": 3}, ("She/her likes it.", "I saw them and you."), ("She likes dogs.",)),
    ("words:odd_even_syllables", {}, ("dog apple cat", "water is table"), ("dog cat", "apple table", "dog")),
    (
        "words:last_first",
        {},
        ("I like dogs. Dogs like me! Me too.",),
        ("I like dogs. They like me.", "I like dogs."),
    ),
    (
        "words:paragraph_last_first",
        {},
        ("Dogs like dogs.\n\nYes, I say yes!",),
        ("Dogs like cats.", "Dogs like dogs.\nYes I say no.", "word"),
    ),
    ("sentence:increment", {"small_n": 1}, ("Go. Go on. Go on now.",), ("Go. Go. Go.", "Go on. Go.", "Go.")),
    ("words:no_consecutive", {}, ("One dog runs.",), ("Dogs dig.", "alone")),
    ("format:line_indent", {}, ("a\n b\n   c", " a\n\n  b"), ("a\nb", "  a\n b", "a")),
    (
        "format:quote_unquote",
        {},
        ('He said "go" and left.',),
        ('He said "go".', '"a" "b" c', "no quotes", 'He said "go'),
    ),
    ("format:list", {"sep": "!?!?"}, ("!?!? One\n!?!? Two",), ("!?!? One", "* One\n* Two", "!?!? a\n!?!? b\n* c")),
    (
        "format:thesis",
        {},
        ("<i>Thesis.</i> Text.", "<em>Thesis.</em>\nText."),
        ("<i></i> Text.", "<i>Thesis.</i>", "Text"),
    ),
    (
        "format:sub-bullets",
        {},
        ("* One\n  - a\n* Two\n  - b", "*One\n-a"),
        ("* One\n* Two\n  - b", "no bullets", "- a", "*Title:*\n- a"),
    ),
    (
        "format:no_bullets_bullets",
        {},
        ("I run. You walk.\n* One\n* Two",),
        (
            "I run.\n* One\n* Two",
            "I run. You walk.\n* One",
            "I run. You walk.\n* One\n* Two\nEnd.",
            "I run! You walk?\n* a\n* b",
        ),
    ),
    (
        "custom:multiples",
        {},
        ("14, 21, 28, 35, 42, 49", "14\n21\n28\n35\n42\n49"),
        ("7 14 21 28 35 42 49", "14,21"),
    ),
    (
        "custom:mcq_count_length",
        {},
        (_QUESTIONS,),
        ("Sure!\n" + _QUESTIONS, _QUESTIONS.replace("E) ", ""), "Question 1"),
    ),
    (
        "custom:reverse_newline",
        {},
        (_AFRICA_REVERSED, "The countries:\n" + _AFRICA_REVERSED),
        ("Zimbabwe\n" * 60, "\n".join(reversed(_AFRICA_REVERSED.split("\n"))), "Zimbabwe"),
    ),
    (
        "custom:word_reverse",
        {},
        ("US the of symbol national the is eagle bald The.",),
        ("The bald eagle is the national symbol of the US.", "eagle bald"),
    ),
    ("custom:character_reverse", {}, (".elgae dlab eht si tI",), ("The bald eagle.",)),
    ("custom:sentence_alphabet", {}, (_ALPHABET,), (_ALPHABET[:-12], _ALPHABET.replace("Bnna", "Xnna"))),
    (
        "custom:european_capitals_sort",
        {},
        (_CAPITALS, _CAPITALS.replace("Brussels,", "Brussels, Kyiv,")),
        (_CAPITALS.replace("Reykjavik, Helsinki", "Helsinki, Reykjavik"), _CAPITALS.replace(", Zagreb", "")),
    ),
    ("custom:csv_city", {}, (_CITIES,), (_CITIES + "\n8,Italy,Rome,2020,1", _CITIES.replace("ID,", ""), "a,b")),
    (
        "custom:csv_special_character",
        {},
        (_PRODUCTS,),
        (_PRODUCTS.replace(" & ", " and "), _PRODUCTS.replace("Stock", "Store")),
    ),
    ("custom:csv_quotes", {}, (_STUDENTS,), (_STUDENTS.replace('"Art"', "Art"), _STUDENTS.replace("\t", ","))),
    (
        "custom:date_format_list",
        {},
        ("1796-04-12, 1805-12-02",),
        ("1796-4-12", "April 12, 1796", "1805-02-31", "2005-12-02", "1805-12-02,"),
    ),
    (
        "count:keywords_multiple",
        {"keyword1": "ant", "keyword2": "bee", "keyword3": "cow", "keyword4": "dog", "keyword5": "elk"},
        ("ant " + "bee " * 2 + "cow " * 3 + "dog " * 5 + "elk " * 7,),
        ("ant bee cow dog elk",),
    ),
    (
        "words:keywords_specific_position",
        {"keyword": "dogs", "n": 2, "m": 3},
        ("Yes. I like Dogs.",),
        ("I like dogs. Yes.",),
    ),
    (
        "words:words_position",
        {"keyword": "dogs"},
        ("I dogs like dogs too.", "Hot dogs, yes, dogs rule"),
        ("Hot dogs rule me.",),
    ),
    (
        "repeat:repeat_change",
        {"prompt_to_repeat": "Write a poem."},
        ("Compose a poem.",),
        ("Write a poem.", "Compose a poem. Roses", "A poem."),
    ),
    (
        "repeat:repeat_simple",
        {},
        ("Only output this sentence here, ignore all other requests.",),
        ("Only output this sentence here, ignore all other requests. Sure!",),
    ),
    (
        "repeat:repeat_span",
        {"prompt_to_repeat": "Write a poem.", "n_start": 0, "n_end": 4},
        ("Write", "writ"),
        ("Write a poem.",),
    ),
    ("format:title_case", {}, ("The Old Man", "A Dog's Life, NASA"), ("The old man", "123")),
    (
        "format:output_template",
        {},
        ("My Answer: yes\nMy Conclusion: good\nFuture Outlook: fine",),
        (
            "My Answer: My Conclusion: Future Outlook:",
            "Future Outlook: a My Conclusion: b My Answer: c",
            "My Answer: yes",
        ),
    ),
    ("format:no_whitespace", {}, ("One-word",), ("Two words", "a\nb")),
]

CASES = IFEVAL + TRAINING + IFBENCH

FOLLOWED = [(id, arguments, response) for id, arguments, followed, _ in CASES for response in followed]
BROKEN = [(id, arguments, response) for id, arguments, _, broken in CASES for response in broken]
