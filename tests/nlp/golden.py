"""Invented posts and how they must be read: who would be annoyed if this were wrong?

Written from what people post, before any engine had read them. Clear cases only: two colleagues would agree.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from nlp.reading import Intent, Sentiment, Vocabulary

COMPLAINT, QUESTION, PRAISE, PURCHASE = Intent.COMPLAINT, Intent.QUESTION, Intent.PRAISE, Intent.PURCHASE
SUGGESTION, PROMOTION, OTHER = Intent.SUGGESTION, Intent.PROMOTION, Intent.OTHER
NEGATIVE, NEUTRAL, POSITIVE = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE
HIGH, NOT_HIGH, LOW = "high", "not high", "low"
VOCABULARY = Vocabulary(("Kestova",), ("Kestova One",), ("Brellin", "Tavento", "Orrick"))

Fields = tuple[str, ...]
"""Names of fields of Case."""


@dataclass(frozen=True)
class Case:
    """A post; what may be left open is None."""

    text: str
    intent: Intent | None
    sentiment: Sentiment | None = None
    urgency: str | None = None
    also: Intent | None = None
    """A second intent that a colleague could defend."""
    churn: bool | None = None
    spam: bool | None = None
    towards: Mapping[str, Sentiment] | None = None
    """How the post feels towards names of VOCABULARY."""
    uncertain: bool | None = False
    """It is in a language that the engines must own up to not speaking."""


CASES = [
    # Support would be annoyed: somebody needs an answer, and it went to marketing.
    Case("@kestova the app crashes every time I open it, third day now", COMPLAINT, NEGATIVE),
    Case("My @kestova kettle stopped working after two weeks. Very disappointed", COMPLAINT, NEGATIVE),
    Case("@kestova still waiting for my order, no reply to three emails", COMPLAINT, NEGATIVE),
    Case("You charged me twice @kestova and nobody answers the phone", COMPLAINT, NEGATIVE),
    Case("Worst customer service ever. Never again @kestova", COMPLAINT, NEGATIVE),
    Case("@kestova your website is down again", COMPLAINT),
    Case("I've been on hold for 50 minutes @kestova this is ridiculous", COMPLAINT, NEGATIVE),
    Case("@kestova parcel was supposed to arrive Monday and it still hasn't shipped", COMPLAINT),
    Case("The blender broke on its second use and you refuse a refund", COMPLAINT, NEGATIVE),
    Case("@kestova can't log in since the update, error 503. Help?", COMPLAINT),
    Case("Thanks for nothing @kestova, still no refund after six weeks", COMPLAINT, NEGATIVE),
    Case("Thanks @kestova for losing my luggage, really great job", COMPLAINT, NEGATIVE),
    Case("I WANT MY MONEY BACK YOU CHEATED ME", COMPLAINT, NEGATIVE),
    Case("Delivery delayed again, and the driver was rude", COMPLAINT, NEGATIVE),
    Case("Closing my account, your prices doubled and the service is awful", COMPLAINT, NEGATIVE, churn=True),
    Case("@kestova why is my bill wrong every single month", COMPLAINT),
    Case("wifi keeps dropping out, this is unacceptable @kestova", COMPLAINT, NEGATIVE),
    Case("Your courier left my parcel in the rain and it is ruined", COMPLAINT, NEGATIVE),
    # The person on duty would be annoyed: it could not wait until tomorrow.
    Case(
        "@kestova we are stranded at the airport, flight cancelled, no hotel, two kids. Help us now",
        COMPLAINT,
        None,
        HIGH,
    ),
    Case("The battery caught fire while charging, this is dangerous", COMPLAINT, NEGATIVE, HIGH),
    Case("My account was hacked and someone used my card, please block it immediately", COMPLAINT, None, HIGH),
    Case("Found a piece of glass in your soup, my son is bleeding", COMPLAINT, None, HIGH),
    Case("Total outage in the whole city, all our shops are down right now @kestova", COMPLAINT, None, HIGH),
    Case("No answer for weeks. My lawyer will contact you, and I am going to the press", COMPLAINT, None, HIGH),
    # Nobody would thank us for a false alarm.
    Case("I wish you had a dark mode someday, just a thought", SUGGESTION, None, LOW),
    Case("Good morning everyone, coffee first", OTHER, None, LOW),
    Case("love my new kestova kettle so much", PRAISE, POSITIVE, LOW),
    Case("Thank you for the quick answer, great service!", PRAISE, POSITIVE, LOW),
    # Support again: a plain question is not a complaint.
    Case("@kestova how do I change my delivery address?", QUESTION),
    Case("What time do you open on Sundays?", QUESTION, NEUTRAL),
    Case("Does anyone know if the kestova app works offline?", QUESTION),
    Case("@kestova is there a phone number I can call?", QUESTION),
    Case("Hi, can you tell me where I can find my invoice?", QUESTION),
    Case("When will the new schedule be published?", QUESTION, NEUTRAL),
    Case("Can I take my bike on board?", QUESTION),
    Case("Is it possible to use two accounts on one phone?", QUESTION),
    # Marketing would be annoyed: praise that nobody sees.
    Case("Shout out to Mira at the kestova shop, so friendly and helpful!", PRAISE, POSITIVE),
    Case("Best coffee machine I have ever had, highly recommend", PRAISE, POSITIVE),
    Case(
        "Kestova replaced my broken lamp in one day. Amazing service, thank you so much!",
        PRAISE,
        POSITIVE,
        towards={"Kestova": POSITIVE},
    ),
    Case("I love this brand", PRAISE, POSITIVE),
    Case("Really impressed with the crew today, excellent flight", PRAISE, POSITIVE),
    Case("sooooo happy with my new headphones, awesome sound", PRAISE, POSITIVE),
    Case("You guys rock! Perfect fit, beautiful colour", PRAISE, POSITIVE),
    # Sales would be annoyed.
    Case("I want to buy the Kestova One, which shop has it?", PURCHASE),
    Case("Thinking about getting the kestova mini or the maxi", PURCHASE),
    Case("How much is the large one, and do you ship to Norway?", PURCHASE),
    Case("Is the blue jacket back in stock in size M?", PURCHASE),
    Case("Just preordered, can't wait to get it", PURCHASE),
    Case("Tempted to switch to kestova, should I get the family plan?", PURCHASE),
    # The product team would be annoyed.
    Case("Please add an export to CSV, it would be really useful", SUGGESTION),
    Case("It would be nice if the app remembered my last search", SUGGESTION),
    Case("You should offer a smaller size for people who live alone", SUGGESTION),
    Case("Feature request: let us sort the list by date", SUGGESTION),
    # Everybody would be annoyed: advertising in the inbox.
    Case("GIVEAWAY! Follow and retweet to win a brand new phone", PROMOTION),
    Case("50% off all kettles today, use code TEA at checkout, shop now", PROMOTION),
    Case("We're hiring! Apply now for jobs in our new store", PROMOTION),
    Case("Congratulations, you have been selected, claim your free prize now", PROMOTION),
    Case("Make money from home, passive income, DM for details", PROMOTION),
    # Analysts would be annoyed: chatter counted as customers.
    Case("Kestova announces new chief executive, shares up", OTHER),
    Case("@kestova sent you a DM", OTHER),
    Case("watching the game with friends tonight lol", OTHER),
    Case("ok", OTHER),
    Case("", OTHER, NEUTRAL, LOW),
    Case("@kestova https://example.com", OTHER, NEUTRAL, LOW),
    # Support would be annoyed: an empty ticket. Very short posts and replies without content.
    Case("?", OTHER, NEUTRAL, LOW),
    Case("Sure. Follow for a sec.", OTHER, NEUTRAL, LOW),
    Case("same here", OTHER, None, LOW),
    Case("@kestova Thanks", OTHER, None, LOW, also=PRAISE),
    Case("@kestova yes, the second one", OTHER, NEUTRAL, LOW),
    Case("Done, just sent it", OTHER, NEUTRAL, LOW),
    Case("@kestova @Brellin No worries, talk to you later", OTHER, None, LOW),
    Case("Love it", PRAISE, POSITIVE, LOW),
    # Whoever reads the mood of the day would be annoyed: emoji are words too.
    Case("❤️❤️", PRAISE, POSITIVE, LOW, also=OTHER),
    Case("😡😡😡", OTHER, NEGATIVE, also=COMPLAINT),
    Case("💔😭", OTHER, NEGATIVE, also=COMPLAINT),
    Case("👏👏👏", PRAISE, POSITIVE, LOW, also=OTHER),
    # Everybody who answers would be annoyed: capitals are loud, and mean the same.
    Case("WHERE IS MY ORDER, IT WAS DUE ON FRIDAY", COMPLAINT, None, None, also=QUESTION),
    Case("YOUR APP DELETED ALL MY PHOTOS", COMPLAINT, NEGATIVE),
    Case("BEST BURGER OF MY LIFE THANK YOU ORRICK", PRAISE, POSITIVE, LOW),
    Case("WHAT TIME DOES THE ORRICK SHOP CLOSE ON SATURDAYS", QUESTION, NEUTRAL, NOT_HIGH),
    # Marketing would be annoyed: stretched words are still words.
    Case("soooo gooood", PRAISE, POSITIVE, LOW, also=OTHER),
    Case("whyyyy is the tavento app sooooo sloooow", COMPLAINT, NEGATIVE, also=QUESTION),
    Case("pleeeease bring back the lemon flavour @Orrick", SUGGESTION),
    # The campaign team would be annoyed: hashtags carry the message alone.
    Case("#KestovaFail #NeverAgain", COMPLAINT, NEGATIVE),
    Case("#BestCoffeeEver #HappyCustomer", PRAISE, POSITIVE, LOW),
    Case("#Monday #Kestova", OTHER, NEUTRAL, LOW),
    Case("#NowHiring #JobAlert #ApplyNow", PROMOTION),
    # The colleague abroad would be annoyed: two languages in one post, the message is in English.
    Case("Hola @kestova, my card was declined twice today and nobody answers, gracias", COMPLAINT, uncertain=None),
    Case("Merci beaucoup @Tavento, best train ride ever, amazing staff", PRAISE, POSITIVE, uncertain=None),
    Case("Guten Morgen! Does the Brellin store take returns without a receipt?", QUESTION, NEUTRAL, uncertain=None),
    # The person quoted would be annoyed: those are not the author's own words.
    Case(
        'A customer wrote to our trainee today: "you are useless and I hope you get fired". Please be kind to people',
        OTHER,
        None,
        NOT_HIGH,
    ),
    Case('The Brellin advert says "50% off everything, shop now". They charged me full price', COMPLAINT, NEGATIVE),
    Case('"Delivered within 24 hours", they said. Day nine and no parcel @kestova', COMPLAINT, NEGATIVE),
    Case(
        'Someone shouted "worst shop ever" at the poor cashier. She stayed so friendly, hats off to the Orrick team',
        PRAISE,
        POSITIVE,
        towards={"Orrick": POSITIVE},
    ),
    # The manager would be annoyed: sarcasm reported as praise.
    Case("Oh great, another update that logs me out. Brilliant work @Tavento", COMPLAINT, NEGATIVE),
    Case("Love paying 90 a month for internet that works every other Tuesday", COMPLAINT, NEGATIVE),
    Case("Well done @Brellin, only four hours late this time", COMPLAINT, NEGATIVE),
    Case("Nothing says quality like a zip that falls off on day one 👏", COMPLAINT, NEGATIVE),
    Case("What a fantastic surprise, a hidden fee. Thank you so much Brellin 🙄", COMPLAINT, NEGATIVE),
    # The analyst would be annoyed: one small word turns the sentence round.
    Case("The delivery was not late and nothing was broken, well done", PRAISE, POSITIVE, LOW),
    Case("I have never had a problem with Orrick in ten years", PRAISE, POSITIVE, LOW, churn=False),
    Case("Couldn't be happier with the repair", PRAISE, POSITIVE, LOW),
    Case("Can't fault the staff at Tavento, they were lovely", PRAISE, POSITIVE, LOW),
    Case("Nobody was helpful and the room was never clean", COMPLAINT, NEGATIVE),
    Case("It isn't good, it isn't cheap and it doesn't even fit", COMPLAINT, NEGATIVE),
    # The customer would be annoyed: thrown out as advertising for naming a price, a coupon, a tag or a link.
    Case("Promo code SPRING20 is refused at your checkout @kestova, it says expired", COMPLAINT, spam=False),
    Case(
        "Paid 79.99 for premium and still get adverts all day https://example.com/shot",
        COMPLAINT,
        NEGATIVE,
        spam=False,
    ),
    Case("Three orders, three wrong sizes. #kestova #sale #shopping", COMPLAINT, NEGATIVE, spam=False),
    Case("How Brellin let my mother down after 30 years: https://example.com/brellin", COMPLAINT, NEGATIVE),
    Case(
        "Your 2-for-1 offer is a lie, the till charged me for both. #orrick #offer", COMPLAINT, NEGATIVE, spam=False
    ),
    Case("Won your giveaway in March @Tavento, the prize never came and nobody writes back", COMPLAINT, NEGATIVE),
    Case("Free shipping, you said. 12.50 for shipping, says the checkout @kestova", COMPLAINT, spam=False),
    # The person on duty would be annoyed: somebody is hurt, stuck or robbed, and it waited in the pile.
    Case("Brakes failed downhill on my new Orrick bike, only a hedge stopped me", COMPLAINT, NEGATIVE, HIGH),
    Case(
        "My flight leaves at six tomorrow morning and the Tavento site won't let me check in", COMPLAINT, None, HIGH
    ),
    Case("There are withdrawals on my Brellin account that I never made, please stop them", COMPLAINT, None, HIGH),
    Case(
        "Your heater leaks gas, we smell it in the whole kitchen, who do I call?",
        COMPLAINT,
        None,
        HIGH,
        also=QUESTION,
    ),
    Case("Orrick ignored our nut allergy, my daughter is in an ambulance", COMPLAINT, NEGATIVE, HIGH),
    Case("Card payments have been down since noon, my shop cannot take a single customer", COMPLAINT, None, HIGH),
    Case("Train in twenty minutes, which platform does the Tavento express leave from?", QUESTION, None, HIGH),
    # The person on duty again: woken for nothing.
    Case("Brakes squeal so loudly the dogs bark @Orrick", COMPLAINT, None, NOT_HIGH),
    Case("This hot sauce is fire, my mouth is burning and I love it", PRAISE, POSITIVE, LOW),
    Case("Emergency cake at Orrick, best decision of the day", PRAISE, POSITIVE, LOW),
    Case("The last episode killed me, I am dead 😂", OTHER, None, LOW),
    Case("Slept through the fire drill at work today", OTHER, None, LOW),
    Case("We fly in March: can I bring a guitar as hand luggage?", QUESTION, NEUTRAL, NOT_HIGH),
    Case("Kestova sued by a former partner, hearing set for autumn", OTHER, None, NOT_HIGH),
    # Whoever keeps customers would be annoyed: one left, and nobody saw it coming.
    Case(
        "Cancelled Brellin this morning after eleven years, the price rise was the last straw",
        COMPLAINT,
        NEGATIVE,
        churn=True,
    ),
    Case("One more dropped call and I take my number elsewhere @Tavento", COMPLAINT, NEGATIVE, churn=True),
    Case("How do I close my account? I am done with you", COMPLAINT, NEGATIVE, also=QUESTION, churn=True),
    Case(
        "Goodbye Brellin, we have moved all our cards to another bank",
        None,
        None,
        churn=True,
        towards={"Brellin": NEGATIVE},
    ),
    # And again: offered a discount for staying, though they never thought of leaving.
    Case("Ten years with Kestova and I am not going anywhere", PRAISE, POSITIVE, LOW, churn=False),
    Case("Leaving the office early for the Orrick concert tonight", OTHER, None, LOW, churn=False),
    Case("Tavento cancelled my flight but rebooked me within minutes, impressive", PRAISE, POSITIVE, churn=False),
    Case("How do I cancel a single item in my order?", QUESTION, NEUTRAL, churn=False),
    # The brand manager would be annoyed: the rival's praise booked as ours, or the other way round.
    Case(
        "Leaving Kestova for Brellin, finally a bank that answers",
        None,
        churn=True,
        towards={"Kestova": NEGATIVE, "Brellin": POSITIVE},
    ),
    Case(
        "Brellin lost my bag, Kestova found it within an hour",
        None,
        towards={"Brellin": NEGATIVE, "Kestova": POSITIVE},
    ),
    Case(
        "Tried Orrick after Tavento kept crashing, so much better",
        None,
        towards={"Orrick": POSITIVE, "Tavento": NEGATIVE},
    ),
    Case(
        "Lovely dinner at Orrick, shame that the Brellin taxi never showed up",
        None,
        towards={"Orrick": POSITIVE, "Brellin": NEGATIVE},
    ),
    Case(
        "I used to love Tavento, now Orrick is so much nicer", None, towards={"Tavento": NEGATIVE, "Orrick": POSITIVE}
    ),
    Case(
        "Called Orrick and Brellin, both equally useless",
        COMPLAINT,
        NEGATIVE,
        towards={"Orrick": NEGATIVE, "Brellin": NEGATIVE},
    ),
    Case(
        "Kestova and Tavento both open a shop in Oslo in June",
        OTHER,
        NEUTRAL,
        LOW,
        towards={"Kestova": NEUTRAL, "Tavento": NEUTRAL},
    ),
    # Everybody again: spam, job adverts, giveaways, automatic shares.
    Case("FREE followers in 5 minutes!!! Click the link in my bio", PROMOTION, None, LOW, spam=True),
    Case("You have WON a 1000 voucher! Text CLAIM to 80808 now", PROMOTION, None, LOW, spam=True),
    Case("Night nurse wanted in Leeds, full time, apply here: https://example.com/jobs/881", PROMOTION, None, LOW),
    Case("Tag two friends and like this post for a chance to win a Kestova hamper", PROMOTION, None, LOW),
    Case("I just earned the Explorer badge on Tavento! https://example.com/b/3", PROMOTION, None, LOW),
    Case("Our summer collection is here. Shop the look online and in store", PROMOTION, None, LOW),
    # Sales again: money on the table.
    Case("Do you have the oak table in white? I would take two", PURCHASE, also=QUESTION),
    Case("Saving up for a Kestova One, one more month", PURCHASE, None, LOW),
    Case("Is Kestova or Brellin cheaper for students? I need a new account", PURCHASE, NEUTRAL, also=QUESTION),
    Case("What does the yearly Tavento pass cost for a family of five?", PURCHASE, NEUTRAL, also=QUESTION),
    # The product team again: ideas filed as moaning.
    Case("Would love to see a vegan option on the Orrick menu", SUGGESTION, None, LOW),
    Case("Idea for @Tavento: let us lock the screen while we cycle", SUGGESTION),
    Case("Why not print the ingredients on the front of the packet?", SUGGESTION, also=QUESTION),
    # Every trade and every tone of voice: a clerk, a gamer, a patient, a neighbour, a guest.
    Case("Dear Sir or Madam, invoice 2217 remains incorrect despite two written reminders.", COMPLAINT),
    Case("yo @tavento ur servers r trash rn cant even get in a match", COMPLAINT, NEGATIVE),
    Case("ngl that orrick sandwich slaps", PRAISE, POSITIVE, LOW),
    Case("The nurse at the Brellin clinic took time to explain everything, I am so grateful", PRAISE, POSITIVE, LOW),
    Case("The bins in our street have not been emptied for three weeks", COMPLAINT, NEGATIVE),
    Case("Hotel room smelled of smoke and the shower was cold", COMPLAINT, NEGATIVE),
    Case("Does the student discount apply to part-time courses?", QUESTION, NEUTRAL, NOT_HIGH, also=PURCHASE),
    Case("Kestova opens its tenth data centre, minister attends https://example.com/news", OTHER, None, LOW),
    # The reader of the report would be annoyed: a guess passed off as a reading. Either the right intent or none.
    Case(
        "La aplicación no funciona desde ayer y nadie contesta el teléfono",
        COMPLAINT,
        NEUTRAL,
        also=OTHER,
        uncertain=True,
    ),
    Case(
        "Toujours pas de remboursement après six semaines, c'est une honte",
        COMPLAINT,
        NEUTRAL,
        also=OTHER,
        uncertain=True,
    ),
    Case("À quelle heure ouvre le magasin Brellin le dimanche ?", QUESTION, NEUTRAL, also=OTHER, uncertain=True),
    Case(
        "Vielen Dank an das Team, mein neuer Wasserkocher ist wunderbar", PRAISE, NEUTRAL, also=OTHER, uncertain=True
    ),
    Case("التطبيق لا يعمل منذ يومين ولا أحد يرد على رسائلي", COMPLAINT, NEUTRAL, also=OTHER, uncertain=True),
]

NOT_BY_THE_SMALL_MODEL: Mapping[str, Fields] = {
    "Thanks @kestova for losing my luggage, really great job": ("intent",),
    "The battery caught fire while charging, this is dangerous": ("intent", "sentiment"),
    "My account was hacked and someone used my card, please block it immediately": ("intent",),
    "Found a piece of glass in your soup, my son is bleeding": ("intent",),
    "Just preordered, can't wait to get it": ("intent",),
    "WHAT TIME DOES THE ORRICK SHOP CLOSE ON SATURDAYS": ("urgency",),
    'A customer wrote to our trainee today: "you are useless and I hope you get fired". Please be kind to people': (
        "intent",
        "urgency",
    ),
    'Someone shouted "worst shop ever" at the poor cashier. She stayed so friendly, hats off to the Orrick team': (
        "intent",
        "sentiment",
    ),
    "Love paying 90 a month for internet that works every other Tuesday": ("intent", "sentiment"),
    "Nothing says quality like a zip that falls off on day one 👏": ("intent", "sentiment"),
    "What a fantastic surprise, a hidden fee. Thank you so much Brellin 🙄": ("intent", "sentiment"),
    "I have never had a problem with Orrick in ten years": ("intent",),
    "Nobody was helpful and the room was never clean": ("intent",),
    "It isn't good, it isn't cheap and it doesn't even fit": ("intent",),
    "How Brellin let my mother down after 30 years: https://example.com/brellin": ("intent",),
    "How do I close my account? I am done with you": ("sentiment", "churn"),
    "Ten years with Kestova and I am not going anywhere": ("intent", "sentiment"),
    "Tried Orrick after Tavento kept crashing, so much better": ("towards",),
    "I used to love Tavento, now Orrick is so much nicer": ("towards",),
    "Called Orrick and Brellin, both equally useless": ("intent",),
    "Kestova and Tavento both open a shop in Oslo in June": ("intent",),
    "Would love to see a vegan option on the Orrick menu": ("urgency",),
    "ngl that orrick sandwich slaps": ("intent",),
}
"""What the small model is known to read wrongly. What it learns to read is taken out."""

NOT_BY_THE_WORD_LISTS: Mapping[str, Fields] = {
    "@kestova the app crashes every time I open it, third day now": ("sentiment",),
    "Thanks @kestova for losing my luggage, really great job": ("sentiment",),
    "Sure. Follow for a sec.": ("sentiment",),
    "@kestova yes, the second one": ("sentiment",),
    "😡😡😡": ("sentiment",),
    "👏👏👏": ("sentiment",),
    "YOUR APP DELETED ALL MY PHOTOS": ("sentiment",),
    "BEST BURGER OF MY LIFE THANK YOU ORRICK": ("intent",),
    "whyyyy is the tavento app sooooo sloooow": ("sentiment",),
    "#BestCoffeeEver #HappyCustomer": ("intent",),
    'The Brellin advert says "50% off everything, shop now". They charged me full price': ("intent",),
    '"Delivered within 24 hours", they said. Day nine and no parcel @kestova': ("intent",),
    'Someone shouted "worst shop ever" at the poor cashier. She stayed so friendly, hats off to the Orrick team': (
        "intent",
        "sentiment",
    ),
    "Oh great, another update that logs me out. Brilliant work @Tavento": ("intent", "sentiment"),
    "Love paying 90 a month for internet that works every other Tuesday": ("intent", "sentiment"),
    "Well done @Brellin, only four hours late this time": ("intent", "sentiment"),
    "Nothing says quality like a zip that falls off on day one 👏": ("intent",),
    "What a fantastic surprise, a hidden fee. Thank you so much Brellin 🙄": ("intent", "sentiment"),
    "The delivery was not late and nothing was broken, well done": ("intent", "sentiment"),
    "I have never had a problem with Orrick in ten years": ("intent", "sentiment"),
    "Couldn't be happier with the repair": ("intent", "sentiment"),
    "Can't fault the staff at Tavento, they were lovely": ("intent",),
    "Nobody was helpful and the room was never clean": ("intent",),
    "Promo code SPRING20 is refused at your checkout @kestova, it says expired": ("intent",),
    "Paid 79.99 for premium and still get adverts all day https://example.com/shot": ("intent", "sentiment"),
    "How Brellin let my mother down after 30 years: https://example.com/brellin": ("sentiment",),
    "Won your giveaway in March @Tavento, the prize never came and nobody writes back": ("intent",),
    "Free shipping, you said. 12.50 for shipping, says the checkout @kestova": ("intent",),
    "My flight leaves at six tomorrow morning and the Tavento site won't let me check in": ("urgency",),
    "There are withdrawals on my Brellin account that I never made, please stop them": ("urgency",),
    "Your heater leaks gas, we smell it in the whole kitchen, who do I call?": ("urgency",),
    "Card payments have been down since noon, my shop cannot take a single customer": ("urgency",),
    "Train in twenty minutes, which platform does the Tavento express leave from?": ("urgency",),
    "Brakes squeal so loudly the dogs bark @Orrick": ("intent", "urgency"),
    "Emergency cake at Orrick, best decision of the day": ("intent", "sentiment"),
    "Slept through the fire drill at work today": ("urgency",),
    "One more dropped call and I take my number elsewhere @Tavento": ("intent", "sentiment"),
    "Ten years with Kestova and I am not going anywhere": ("intent", "sentiment"),
    "Tavento cancelled my flight but rebooked me within minutes, impressive": ("intent",),
    "How do I cancel a single item in my order?": ("sentiment",),
    "Night nurse wanted in Leeds, full time, apply here: https://example.com/jobs/881": ("intent",),
    "I just earned the Explorer badge on Tavento! https://example.com/b/3": ("intent",),
    "Our summer collection is here. Shop the look online and in store": ("intent",),
    "Saving up for a Kestova One, one more month": ("intent",),
    "Dear Sir or Madam, invoice 2217 remains incorrect despite two written reminders.": ("intent",),
    "ngl that orrick sandwich slaps": ("intent", "sentiment"),
    "The bins in our street have not been emptied for three weeks": ("intent", "sentiment"),
    "Hotel room smelled of smoke and the shower was cold": ("intent", "sentiment"),
}
"""The same of the word lists, which were written with the first cases in sight."""

FLIPPED_BY_THE_SMALL_MODEL: Mapping[str, Set[str]] = {
    "lower case": {
        "#NowHiring #JobAlert #ApplyNow",
    },
    "another handle": {
        "Thanks @kestova for losing my luggage, really great job",
        "@kestova sent you a DM",
    },
    "another link": {
        "How Brellin let my mother down after 30 years: https://example.com/brellin",
    },
}
"""By change the posts whose labels it flips with the small model, though it should not matter."""

FLIPPED_BY_THE_WORD_LISTS: Mapping[str, Set[str]] = {
    "lower case": {
        "#KestovaFail #NeverAgain",
        "#BestCoffeeEver #HappyCustomer",
        "#NowHiring #JobAlert #ApplyNow",
    },
}
"""The same with the word lists."""
