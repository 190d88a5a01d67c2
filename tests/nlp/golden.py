"""Invented posts and how they must be read: who would be annoyed if this were wrong?"""

from dataclasses import dataclass

from nlp.reading import Intent, Sentiment

COMPLAINT, QUESTION, PRAISE, PURCHASE = Intent.COMPLAINT, Intent.QUESTION, Intent.PRAISE, Intent.PURCHASE
SUGGESTION, PROMOTION, OTHER = Intent.SUGGESTION, Intent.PROMOTION, Intent.OTHER
NEGATIVE, NEUTRAL, POSITIVE = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE
HIGH, LOW = "high", "low"


@dataclass(frozen=True)
class Case:
    """A post; what may be left open is None."""

    text: str
    intent: Intent
    sentiment: Sentiment | None = None
    urgency: str | None = None


CASES = [
    # Support would be annoyed: somebody needs an answer, and it went to marketing.
    Case("@kestova the app crashes every time I open it, third day now", COMPLAINT),
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
    Case("Thanks @kestova for losing my luggage, really great job", COMPLAINT),
    Case("I WANT MY MONEY BACK YOU CHEATED ME", COMPLAINT),
    Case("Delivery delayed again, and the driver was rude", COMPLAINT, NEGATIVE),
    Case("Closing my account, your prices doubled and the service is awful", COMPLAINT, NEGATIVE),
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
    Case("Kestova replaced my broken lamp in one day. Amazing service, thank you so much!", PRAISE, POSITIVE),
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
]

NOT_BY_THE_SMALL_MODEL = {
    "The battery caught fire while charging, this is dangerous",
    "I wish you had a dark mode someday, just a thought",
    "Shout out to Mira at the kestova shop, so friendly and helpful!",
    "Kestova replaced my broken lamp in one day. Amazing service, thank you so much!",
    "Just preordered, can't wait to get it",
    "@kestova sent you a DM",
}
"""Cases that the small model is known to read wrongly; the word lists were written with them in sight."""
