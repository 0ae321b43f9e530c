"""The lists of English words that instructions refer to."""

from rewards.instructions.text import word_set

CONJUNCTIONS = word_set(
    """
    and but for nor or so yet
    """
)
"""The coordinating ones."""

NAMES = word_set(
    """
    Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin
    Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan
    Victoria Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph
    Claire Ryan Stella Jonathan
    """
)
"""The 50 first names that IFBench lists in its prompt."""

PRONOUNS = word_set(
    """
    i me we us you he him she her it they them my mine our ours your yours his hers its their theirs myself
    ourselves yourself yourselves himself herself itself themselves this that these those who whom whose which
    what whoever whomever whatever whichever anybody anyone anything everybody everyone everything nobody
    nothing somebody someone something each either neither both all some any none
    """
)

STOP_WORDS = word_set(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves what which who whom this that these those am is are
    was were be been being have has had having do does did doing a an the and but if or because as until while
    of at by for with about against between into through during before after above below to from up down in out
    on off over under again further then once here there when where why how all any both each few more most
    other some such no nor not only own same so than too very s t can will just don should now d ll m o re ve y
    ain aren couldn didn doesn hadn hasn haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn
    """
)
"""Words that carry little meaning, with the pieces that apostrophes leave."""

_AUXILIARIES = word_set(
    """
    am is are was were be been being do does did done has have had having let lets
    """
)

_IRREGULAR = word_set(
    """
    arose ate awoke became began bent bet bit bled blew bore bought bound bred broke brought built burnt came
    caught chose clung crept dealt drank drawn drew driven drove dug eaten fallen fed fell felt fled flew flown
    forbade forgave forgot forgotten fought found froze frozen gave given gone got gotten grew ground grown
    heard held hid hidden hung kept knelt knew known laid lain lay led left lent lit lost made meant met paid
    ran rang risen rode rose said sang sank sat saw seen sent shaken shone shook shot shown shrank slept slid
    sold sought spent spoke spoken sprang spun stole stolen stood strove struck stuck stung swam swept swore
    swung taken taught thought threw thrown told took tore torn understood went withdrew woke won wore worn
    wound woven wrote written
    """
)

_VERBS = word_set(
    """
    abandon absorb accelerate accept access accommodate accompany accomplish account accumulate achieve
    acknowledge acquire act activate adapt add address adhere adjust administer admire admit adopt advance
    advertise advise advocate affect affirm afford agree aid aim alert align allocate allow alter amend amplify
    amuse analyze analyse announce answer anticipate apologize appear apply appoint appreciate approach approve
    argue arise arrange arrive articulate ask assemble assert assess assign assist assume assure attach attack
    attain attempt attend attract audit author automate avoid await awake award bake balance ban base bathe
    battle be bear beat become beg begin behave believe belong bend benefit beware bid bind bite blame blend
    bless block blow boast boil bond book boost borrow bother bounce brainstorm brave break breathe breed brew
    bridge bring broadcast browse brush budget build bundle burn bury buy calculate call calm campaign cancel
    capture care carry carve cast catch categorize cause celebrate challenge change charge chart chase chat
    check cheer cherish chill choose chop circle circulate cite claim clarify classify clean clear click climb
    cling close coach code collaborate collapse collect color colour combat combine come comfort command comment
    commit communicate compare compete compile complain complement complete comply compose compress compromise
    compute concede conceive concentrate conclude conduct configure confirm confront confuse congratulate
    connect conquer conserve consider consist consolidate construct consult consume contact contain contemplate
    continue contract contrast contribute control convert convey convince cook cool cooperate coordinate copy
    correct correspond cost count counter couple cover crack craft crash crawl create credit criticize cross
    crush cry cultivate cure curate cut cycle damage dance dare deal debate debug decide declare decline
    decorate decrease dedicate deepen defeat defend define delegate delete deliver delve demand demonstrate deny
    depart depend depict deploy derive describe deserve design desire destroy detail detect determine develop
    devise devote diagnose dig digest direct disagree disappear discard discharge discipline disclose discourage
    discover discuss dislike dismiss dispatch display dissolve distinguish distribute dive divide do document
    donate double doubt download draft drag draw dream dress drift drill drink drive drop dry duplicate dwell
    earn ease eat edit educate elaborate elect elevate eliminate embark embed embrace emerge emit emphasize
    employ empower enable enclose encounter encourage end endure enforce engage engineer enhance enjoy enlarge
    enlist enrich enroll ensure enter entertain enumerate envision equip erase escape establish estimate
    evaluate evolve examine exceed excel exchange excite exclude excuse execute exercise exhibit exist expand
    expect experience experiment explain explode exploit explore export expose express extend extract face
    facilitate fade fail fall familiarize fasten favor favour fear feature feed feel fetch fight figure file
    fill film filter finalize finance find finish fire fit fix flag flatten flee flip float flourish flow fly
    focus fold follow forbid force forecast forge forget forgive form format formulate foster frame free freeze
    fry fuel fulfil fulfill function fund gain gather gauge gaze generate get give glance glow go govern grab
    grade grant grasp greet grind grip groom group grow guard guess guide halt hammer hand handle hang happen
    harness harvest hate have head heal hear heat help hesitate hide highlight hike hint hire hit hold honor
    honour hope host hug hunt hurry identify ignite ignore illuminate illustrate imagine imitate implement imply
    import impose impress improve improvise include incorporate increase incur indicate indulge infer influence
    inform inhabit inherit initiate inject innovate input inquire insert insist inspect inspire install instruct
    insulate integrate intend intensify interact interest interpret interrupt intervene interview introduce
    invent invest investigate invite involve iron isolate issue iterate jog join joke judge juggle jump justify
    keep kick kill kiss kneel knit knock know label lack land last laugh launch lay lead lean leap learn leave
    lecture lend lengthen lessen let leverage lick lie lift light like limit link list listen live load locate
    lock log long look loosen lose love lower maintain make manage manipulate manufacture map march mark market
    marry master match mean measure meditate meet melt memorize mend mention mentor merge migrate mind mine
    minimize mirror miss mix mobilize model modernize modify monitor motivate mount move multiply name narrate
    narrow navigate need neglect negotiate nominate normalize notice notify number nurture obey object observe
    obtain occupy occur offer omit open operate oppose optimize order organize organise orient originate outline
    overcome overlook oversee owe own pack paint park participate pass paste pause pay peel perceive perfect
    perform permit persist persuade phone pick picture pilot place plan plant play plead please plot plug point
    polish ponder pose position possess post postpone pour practice practise praise pray preach predict prefer
    prepare prescribe present preserve press pretend prevail prevent print prioritize proceed process procure
    produce program progress prohibit project promise promote prompt pronounce propose prosper protect protest
    prove provide prune publish pull punch purchase pursue push put qualify quantify question queue quit quote
    race raise rank rate rationalize reach react read realize reap reason reassure rebuild recall receive recite
    recognize recommend reconcile reconsider record recover recruit recycle redesign redirect reduce refer
    refine reflect refresh refuse regard register regret regulate rehearse reinforce reject rejoice relate relax
    release relocate rely remain remember remind remove render renew renovate rent reorganize repair repeat
    rephrase replace replicate reply report represent request require rescue research resemble reserve reset
    reside resist resolve respect respond rest restart restate restore restrict restructure result resume retain
    retire retrieve return reuse reveal reverse review revise revisit revive reward rewrite ride ring rinse rise
    risk roam roast rock roll rotate round rub ruin rule run rush sail salute sample save savor say scale scan
    scatter schedule score scrape scream screen scroll scrub search season secure see seek seem segment seize
    select sell send sense separate serve set settle sew shake shape share sharpen shave shed shift shine ship
    shoot shop shorten shout show shred shrink shut sign signal simmer simplify simulate sing sink sip sit
    sketch skim skip slay sleep slice slide slow smell smile smooth snap soak soar solicit solve soothe sort
    sound spark speak specialize specify speculate spell spend spill spin split spoil sponsor spot spray spread
    sprinkle squeeze stabilize stack staff stage stand standardize stare start state stay steal steam steer step
    stick stimulate stir stop store strategize streamline strengthen stress stretch strike strip strive
    structure struggle study submit subscribe substitute subtract succeed suffer suggest suit sum summarize
    summarise supervise supplement supply support suppose surge surprise surrender surround survey survive
    suspect suspend sustain swallow swap swear sweep swim swing switch synthesize tackle tag tailor take talk
    tap target taste teach tear tell tempt tend terminate test testify thank thaw think thrive throw thrust tie
    tighten tilt time toast tolerate toss total touch tour trace track trade train transcend transcribe transfer
    transform transition translate transmit transport trap travel treat trigger trim troubleshoot trust try tune
    turn tutor twist type uncover undergo understand undertake undo unfold unify unite unleash unlock unpack
    unveil update upgrade uphold upload urge use utilize validate value vary venture verify view visit visualize
    volunteer vote wait wake walk wander want warm warn wash waste watch water wave weaken wear weave weigh
    welcome whisk whisper widen will win wind wipe wish withdraw withhold withstand witness wonder work worry
    worship wrap wrestle write yell yield zoom
    """
)


def is_verb(word: str) -> bool:
    """Whether a word can be a verb: a common one in its base form, or what endings make of it."""
    word = word.lower().replace("’", "'")
    word = word.removesuffix("n't").partition("'")[0]
    return (
        word in _VERBS
        or word in _AUXILIARIES
        or word in _IRREGULAR
        or any(stem in _VERBS for stem in _stems(word))
    )


def _stems(word: str) -> list[str]:
    """What may stand before ``-ing``, ``-ed``, ``-s``, with an e dropped, a consonant doubled or a y changed."""
    found = []
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 2:
            continue
        found += [stem, stem + "e"]
        if stem[-1] == stem[-2:-1]:
            found.append(stem[:-1])
        if stem[-1] == "i":
            found.append(stem[:-1] + "y")
        if ending == "ing" and stem[-1] == "y":
            found.append(stem[:-1] + "ie")
    return found
