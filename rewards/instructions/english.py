"""The lists of English words that instructions refer to."""

from rewards.instructions.text import lower_words, word_set

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
    abandon abide abolish abound absorb abstain abuse accelerate accentuate accept access accommodate accompany
    accomplish account accumulate accuse ache achieve acknowledge acquire act activate adapt add address adhere
    adjust administer admire admit adopt adorn advance advertise advise advocate affect affirm afford aggregate
    agitate agree aid aim alert align allege allocate allow allude alter amass amend amplify amuse analyse
    analyze animate annotate announce annoy answer anticipate apologize appear append applaud apply appoint
    appreciate apprehend approach approve argue arise arrange arrive articulate ascend ask aspire assassinate
    assemble assert assess assign assimilate assist assuage assume assure astonish atone attach attack attain
    attempt attend attest attract audit augment authenticate author authorize automate avenge avert avoid await
    awake award bake balance ban bang banish bargain bark barter base batch bathe battle be bear beat become
    befriend beg begin behave believe belittle belong benchmark bend benefit bestow betray beware bid bind bite
    blame bleach blend bless blink block bloom blow blur blush boast boil bond book bookmark boost boot borrow
    bother bounce bow brainstorm brave breach break breathe breed brew bridge bring broadcast broaden browse
    bruise brush buckle budget buff build bully bump bundle burn burst bury bust buy buzz calculate call calm
    camp campaign cancel capture care caress carry carve cast catch categorize cause caution cease celebrate
    cement census challenge change channel char charge chart chase chat check cheer cherish chew chill chirp
    choose chop chuckle chunk circle circulate circumvent cite claim clap clarify clash classify clean cleanse
    clear clench click climb cling clip clone close clutch coach coat coax code coincide collaborate collapse
    collect color colour combat combine come comfort command commemorate commend comment commit communicate
    commute compare compel compensate compete compile complain complement complete comply compose compress
    compromise compute concede conceive concentrate conclude condemn condense condone conduct confess confide
    configure confine confirm confiscate confront confuse congratulate conjure connect connote conquer consent
    conserve consider consist console consolidate conspire constrain construct consult consume contact contain
    contemplate contend contest continue contract contradict contrast contribute control converge convert convey
    convince cook cool cooperate coordinate copy correct correspond corrupt cost cough counsel count counter
    couple cover cower crack craft crash crawl creak create credit creep cripple criticize critique crop cross
    crouch crown cruise crumble crunch crush cry cultivate curate curb cure curse customize cut cycle damage
    damp dance dare dash dazzle deactivate deal debate debug decay deceive decide decipher declare decline
    decode decompose deconstruct decorate decrease dedicate deduce deduct deem deepen default defeat defend
    define deflect defy delay delegate delete delight deliver delve demand demolish demonstrate denote denounce
    deny depart depend depict deplete deploy deprive derive descend describe desert deserve design desire
    despise destroy detach detail detain detect deter deteriorate determine detest develop devise devote devour
    diagnose diagram differ differentiate dig digest dilute diminish dine dip direct disable disagree disappear
    disarm disassemble discard discern discharge discipline disclose discount discourage discover discuss
    disguise disinfect dislike dislodge dismantle dismiss disobey dispatch dispel disperse display dispose
    disprove dispute disrupt dissect disseminate dissolve distill distinguish distract distribute disturb ditch
    dive diverge diversify divide do dock document dodge dominate donate doodle dot double doubt download draft
    drag drain draw dread dream dress drift drill drink drip drive drop drown dry dump duplicate dust dwell dye
    earn ease eat echo eclipse edit educate eject elaborate elapse elect elevate elicit eliminate elude embark
    embed embody embrace embroider emerge emit empathize emphasize employ empower emulate enable enact enchant
    enclose encode encompass encounter encourage encrypt end endorse endure enforce engage engineer engrave
    engulf enhance enjoy enlarge enlist enrich enroll enslave ensure entail enter entertain entice entitle
    enumerate envision envy equal equate equip eradicate erase erect erode erupt escalate escape escort
    establish estimate evacuate evade evaluate evaporate evoke evolve exaggerate examine exceed excel exchange
    excite exclaim exclude excuse execute exempt exercise exert exhale exhaust exhibit exile exist expand expect
    expedite experience experiment expire explain explode exploit explore export expose express extend
    exterminate extinguish extract extrapolate fabricate face facilitate fade fail fall falter familiarize farm
    fascinate fast fasten favor favour fax fear feature feed feel ferment ferry fetch fiddle fidget fight figure
    file fill film filter finalise finalize finance find finish fire fish fit fix flag flap flare flash flatten
    flaunt flee flex flick flicker flip flirt float flock flood flourish flow flush flutter fly foam focus foil
    fold follow forage forbid force forecast foresee forfeit forge forget forgive fork form format formulate
    fortify forward foster fracture frame free freeze frighten frown fry fuel fulfil fulfill fumble function
    fund furnish fuse gain gamble garnish gasp gather gauge gaze generalize generate get giggle give glance
    glare gleam glide glimpse glitter glorify glow glue go gossip govern grab grade graduate grant grasp grate
    graze grease greet grieve grill grimace grin grind grip groan groom grope group grow growl grumble grunt
    guard guess guide gulp gush hack hail hallucinate halt hammer hand handle hang happen harm harness harvest
    hash hate haul haunt have head heal heap hear heat heed help herd hesitate hibernate hide highlight hijack
    hike hinder hint hire hiss hit hoard hold honor honour hop hope host hover howl hug hum humble humiliate
    hunt hurdle hurl hurry hurt hush hydrate hype hypothesize idealize identify idolize ignite ignore illuminate
    illustrate imagine imbue imitate immerse impair impart impede impersonate implant implement implore imply
    import impose impress imprint imprison improve improvise include incorporate increase incur index indicate
    induce indulge infect infer inflate inflict influence inform ingest inhabit inhale inherit inhibit initiate
    inject innovate input inquire inscribe insert insinuate insist inspect inspire install instigate instil
    instruct insulate insult insure integrate intend intensify interact interest interfere interject interpret
    interrupt intersect intertwine intervene interview intimidate intrigue introduce invade invent inventory
    invert invest investigate invite invoke involve iron irritate isolate issue itemize iterate jab jail
    jeopardize jingle jog join joke jolt jot judge juggle jump justify juxtapose keep kick kid kill kindle kiss
    knead kneel knit knock know label lack lament laminate land lash last lather laugh launch lay lead leak lean
    leap learn leave lecture lend lengthen lessen let leverage lick lie lift light like limit linger link
    liquefy list listen litter live load loan loathe lobby locate lock log loiter long look loosen lose lounge
    love lower lubricate lull lurk magnify mail maintain make manage mandate maneuver manipulate manoeuvre
    manufacture map march mark market marry mash master match maximize mean meander measure meddle mediate
    meditate meet melt memorize mend mention mentor merge migrate mimic mind mine mingle minimize minister
    mirror mislead miss mistake mistreat mitigate mix moan mobilize mock model moderate modernize modify
    modulate mold monitor moor mop motivate mount mourn move mow muffle multiply mumble murder murmur muse mute
    mutter nag nail name nap narrate narrow navigate necessitate need neglect negotiate nest nibble nod nominate
    normalize notate notice notify nudge nullify numb number nurture obey object oblige obscure observe obsess
    obstruct obtain occupy occur offend offer offset omit ooze open operate oppose opt optimize orbit
    orchestrate order organise organize orient originate ornament oust outdo outlast outlaw outline output
    outsource outweigh overcome overhaul overhear overlap overlook override oversee overthrow overwhelm owe own
    oxidize pacify pack pad paddle paint pamper pan panic parade paraphrase pardon park parse participate
    partition pass paste pat patch patent patrol pause pave pay peck pedal peek peel peer penetrate perceive
    perch perfect perform perfume permit persist persuade peruse pester phone pick picture pierce pile pilot
    pinch pinpoint pirate pitch pity pivot place plagiarize plait plan plant play plead please pledge plot
    plough pluck plug plunder plunge poach point poke polish poll pollute ponder pop populate portray pose
    position possess post postpone pounce pound pour practice practise praise pray preach preclude predate
    predict prefer prefix preheat preoccupy prepare prepend prescribe present preserve press presume pretend
    prevail prevent prey prick prime print prioritize proceed process proclaim procrastinate procure prod
    produce profess profile profit program progress prohibit project prolong promise promote prompt pronounce
    proofread prop propagate propel prophesy propose prosecute prosper protect protest prove provide prowl prune
    pry publicize publish puff pull pump punch purchase purge purify purr pursue push put puzzle qualify
    quantify quantize quarrel quench query quest question queue quicken quit quiz quote race radiate raise rally
    ramble randomize rank rant rap rate ratify rationalize rattle ravage rave reach react read reaffirm realize
    reap rearrange reason reassure rebel reboot rebuild rebuke recall recap recede receive recharge reciprocate
    recite reclaim recognize recoil recollect recommence recommend reconcile reconnect reconsider reconstruct
    record recount recover recreate recruit rectify recur recycle redeem redesign redirect redo reduce reel
    reevaluate refer referee refill refine reflect reform refrain refresh refund refuse refute regard regenerate
    register regret regulate rehearse reign reimagine reimburse reinforce reiterate reject rejoice rejuvenate
    rekindle relapse relate relax relay release relieve relinquish relish relocate rely remain remark remedy
    remember remind reminisce remodel remove rename render rendezvous renew renounce renovate rent reopen
    reorganize repair repay repeat repel repent rephrase replace replenish replicate reply report represent
    reproduce repurpose request require rescind rescue research resemble resent reserve reset reshape reside
    resign resist resolve resonate respect respond rest restart restate restore restrain restrict restructure
    result resume resurrect retain retaliate rethink retire retort retract retreat retrieve retry return reunite
    reuse revamp reveal revere reverse revert review revise revisit revive revolve reward rewrite rhyme rid ride
    ridicule ring rinse rip ripple rise risk rival roam roar roast rob rock roll root rot rotate round rub ruin
    rule rumble run rush rustle sabotage sacrifice saddle sail salute sample sanction sanitize satirize satisfy
    saturate save savor saw say scaffold scald scale scan scare scatter schedule scold scoop scoot scorch score
    scorn scour scout scowl scramble scrap scrape scratch scream screen scribble script scroll scrub sculpt seal
    sear search season secrete secure seduce see seek seem segment seize select sell send sense separate serve
    set settle sew shake shape share sharpen shatter shave sheathe shed shelter shelve shift shine ship shiver
    shoot shop shorten shout shovel show shred shrink shrug shudder shuffle shun shut sidestep sift sigh sign
    signal silence simmer simplify simulate sing sink sip sit situate sizzle skate sketch skewer ski skid skim
    skip slam slap slash slaughter slay sleep slice slide slither slow slump smash smear smell smile smooth
    smother smuggle snap snarl snatch sneak sneeze sniff snore snuggle soak soar soften solicit solidify solve
    somersault soothe sort sound span spar spare spark spawn speak spearhead specialize specify speculate spell
    spend spill spin splash splatter splice split spoil sponsor spot spray spread sprinkle sprint sprout spur
    spy squash squat squeal squeeze squint stab stabilize stack staff stage stain stammer stamp stand
    standardise standardize stare start startle starve stash state station stay steal steam steep steer step
    stereotype stick stifle stimulate sting stir stitch stockpile stomp stop store stow straighten strain
    strangle strategize stray streamline strengthen stress stretch strike strip strive stroke stroll structure
    struggle study stumble stun stutter style subdue sublet submerge submit subscribe subside subsidize
    substitute subtract succeed suck sue suffer suffice suffocate suggest suit sulk sum summarise summarize
    summon superimpose supervise supplement supply support suppose suppress surf surge surpass surprise
    surrender surround surveil survey survive suspect suspend sustain swallow swap swarm sway swear sweat sweep
    swell swerve swim swing swipe swirl switch swoop symbolize sympathize synthesize tabulate tackle tag tailor
    take talk tame tangle tantalize tap target tarnish taste tattoo tax teach tear tease telephone televise tell
    tempt tend tense terminate test testify thank thaw theorize thicken think thread threaten thrive throb throw
    thrust thump thwart tickle tidy tie tighten tilt time tiptoe tire toast toil tokenize tolerate torment
    torture toss total touch tour tow toy trace track trade train tramp trample transcend transcribe transfer
    transform transition translate transmit transpire transplant transport transpose trap travel traverse tread
    treat tremble trick trickle trigger trim trip triple triumph trot troubleshoot trumpet trust try tuck tug
    tumble tune turn tutor twist type typeset unclog uncork uncover undergo underline undermine underscore
    understand undertake undo undress unearth unfasten unfold unify unite unleash unlock unpack unplug unravel
    unscrew untangle untie unveil unwind unwrap update upgrade uphold upload uproot urge use usher utilize utter
    vacate vacuum validate value vanish vanquish vary vent venture verbalize verify veto vibrate victimize view
    vilify violate visit visualise visualize vocalize volunteer vote vouch vow wade wag wager wail wait waive
    wake walk waltz wander wane want ward warm warn warp warrant wash waste watch water wave weaken wear weave
    weed weep weigh welcome wheel whine whip whir whirl whisk whisper whistle whiten widen wiggle will win wind
    wink wipe wish withdraw wither withhold withstand witness wobble wonder woo work worry worsen worship wrap
    wreck wrestle wriggle wring write yank yawn yearn yell yelp yield zap zigzag zip zoom
    """
)


def is_common(text: str) -> bool:
    """Whether at least half of a text's words are among the most common English ones or verbs."""
    said = lower_words(text)
    known = sum((word in STOP_WORDS or is_verb(word)) and (len(word) > 1 or word in "ai") for word in said)
    return bool(said) and 2 * known >= len(said)


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
