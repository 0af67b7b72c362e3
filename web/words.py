"""The English of the pages: what each question says, in one place.

What is not listed is asked by the name of its field. Nothing here decides anything.
"""

from __future__ import annotations

from web.act_words import LONDON, words_of

WHAT_HAPPENED: dict[str, tuple[str, str]] = {
    "E": (
        "Somebody has posted or commented about a colleague",
        "Also if the colleague is you. They get help whatever the post says.",
    ),
    "R": (
        "Somebody has posted or commented about the organisation",
        "Also a false claim, an imitation of us, or comments on one of our own pages.",
    ),
    "C": (
        "Something about court proceedings has been posted",
        "Also if it shows a child, a document of a court, or who somebody in the case is.",
    ),
    "D": (
        "A court has directed us to look at somebody's social media",
        "Only a court can ask for this. Do not look before it has been agreed.",
    ),
}
"""What has happened, by the letter of the procedure it leads to."""

_LABELS: dict[str, tuple[str, str]] = {
    # Asked first on every form.
    "immediate_danger": ("Is somebody in immediate danger?", "If yes, call 999 now."),
    "safeguarding_concern": (
        "Are you worried about the safety of a child?",
        "Not sure counts as yes: safeguarding is told at once.",
    ),
    "used_personal_account": ("Has anybody looked with an account of their own?", ""),
    "childfirst_ref": ("Reference of the family case", "Letters, numbers, / and -. No name."),
    "declaration": (
        "What I have said is accurate, and says if a personal account was used",
        "",
    ),
    # About a post.
    "discovered_at": ("When did you see it, or were you told of it?", LONDON),
    "how_came_to_see": ("How did you come to see it?", "You need not go back and look again."),
    "how_other": ("If another way, which?", ""),
    "post_url": ("Address of the post", "As you have it. Nobody will open it from here."),
    "platform": ("Where was it posted?", ""),
    "platform_other": ("If somewhere else, where?", ""),
    "author_handle": (
        "Name of the account, as shown",
        "Leave it empty if it cannot be seen. Do not try to find out who it is.",
    ),
    "author_display_name": ("Name shown beside it", ""),
    "visibility": ("Who can see it?", ""),
    "description": (
        "What does it say or show?",
        "In your own words, at least 20 characters. Never add an indecent image of a child.",
    ),
    "consent_wishes": ("What would the person it is about like to happen?", ""),
    # E
    "affected_person": ("Which colleague is it about?", "Choose yourself if it is about you."),
    "colleagues_named": (
        "Other colleagues it names, or who are close to its author",
        "One a line: name, work e-mail address or id. None of them decides in this case.",
    ),
    "kind": ("What does the post do?", "Choose all that apply."),
    "danger_asked_again": (
        "After a threat or a published address: is somebody in danger?",
        "If yes, call 999 now.",
    ),
    "linked_to_family_case": ("Has it to do with a family case?", ""),
    "author_known": ("What do you know of the author?", "Do not try to find out more."),
    "earlier_posts": ("Were there earlier posts?", ""),
    "earlier_post_links": ("Addresses of earlier posts", "One a line."),
    "reported_to_platform": ("Has it been reported to the platform?", ""),
    "platform_reference": ("The platform's reference", ""),
    "reported_to_police": ("Has it been reported to the police?", ""),
    "police_reference": ("The police reference", ""),
    "impact": ("How has it affected the colleague?", ""),
    "fit_for_work": ("Is the colleague fit for work?", ""),
    "protected_characteristic": (
        "Is it about a protected characteristic?",
        "Asked only so that a hate crime is not overlooked.",
    ),
    "safe_contact": ("How can the person in danger be reached safely?", "Only if there is danger."),
    "safe_contact.phone": ("Telephone", ""),
    "safe_contact.email": ("Work e-mail address", ""),
    "safe_contact.best_time": ("Best time", ""),
    # R
    "channel": ("Where does it stand?", ""),
    "subject_of_post": ("What is it about?", ""),
    "named_colleagues": (
        "Colleagues it names",
        "One a line: name, work e-mail address or id. None of them decides in this case.",
    ),
    "reach": ("How many people has it reached?", "A whole number."),
    "spread": ("Is it spreading?", ""),
    "claim_type": ("What kind of statement is it?", ""),
    "contains_case_information": ("Does it hold information about a case?", ""),
    "protected_names": ("Names of children or families that must not go out", "One a line."),
    "press_deadline": ("Deadline of the press", LONDON),
    "suggested_response": ("A response you would suggest", ""),
    # C
    "proceedings_status": ("Are the proceedings open?", ""),
    "case_type": ("What kind of case is it?", ""),
    "court": ("Court", ""),
    "case_number": ("Number of the case", ""),
    "what_is_shown": ("What does the post show?", "Choose all that apply."),
    "author_status": ("Who is the author in the proceedings?", ""),
    "author_represented": ("Has the party a solicitor?", "Only if the author is a party."),
    "author_solicitor": ("Name of the solicitor", ""),
    "author_colleague": ("The colleague who wrote it", "Only if the author is a colleague."),
    "known_orders": ("Which orders do you know of?", "Choose all that apply."),
    "next_hearing": ("Next hearing", LONDON),
    "court_already_aware": ("Does the court know already?", ""),
    "fca_of_case": ("Practitioner of the family case", "If it is not you."),
    # D
    "asked_by": ("Who asks for it?", "Only a court can start this."),
    "practitioner_holds_case": ("Do you hold the family case?", ""),
    "order_status": ("What stands behind the direction?", ""),
    "order_document": ("The order", "Needed for a sealed order."),
    "order_document.sha256": (
        "The order itself: PDF, PNG or JPEG",
        "Only its fingerprint (SHA-256) is kept here. Keep the document where it belongs.",
    ),
    "order_document.pages": ("Pages, as numbered on the order", ""),
    "order_document.pages_received": ("Pages you received", ""),
    "oral_note": ("The judge's words", "Needed when the direction was spoken."),
    "order_reference": ("Reference of the order", ""),
    "judge_or_court": ("Judge or court", ""),
    "order_date": ("Date of the order", "For example 27 11 2026"),
    "received_at": ("When did it reach you?", LONDON),
    "unclear": ("Does its wording leave something open?", "If yes, Legal is copied in."),
    "direction_type": ("What does the court direct?", ""),
    "directed_to": ("Whom does it direct?", ""),
    "compliance_date": ("By when does the court want it?", LONDON),
    "law_type": ("Private or public law?", ""),
    "urgent_order": ("Is it a penal or an urgent order?", "If yes, the shorter times apply."),
    "targets": ("Accounts the order names", "People are letters, never names."),
    "targets.person_label": ("Person", "A letter, such as A"),
    "targets.platform": ("Platform", ""),
    "targets.account": ("Account or its address", ""),
    "targets.child": ("Is it a child's account?", ""),
    "scope": ("What may be looked at", "All that the order says, and no more."),
    "scope.content": ("Content", "Choose all that apply."),
    "scope.first": ("From", "For example 1 8 2026"),
    "scope.last": ("To", "For example 31 10 2026"),
    "scope.note": ("As the order puts it", ""),
    "purpose": ("What is it for?", "At least 20 characters."),
    "interaction_ordered": ("Does the court want contact through social media?", ""),
    "notice_to_person": ("Was the person given notice?", ""),
    "alternatives": ("What else was tried or could be asked for?", ""),
}


def label_of(name: str) -> tuple[str, str]:
    """The words of a question and the hint below them."""
    return _LABELS.get(name) or (_plain(name.rpartition(".")[2]), "")


def label_of_act(form: str, name: str) -> tuple[str, str]:
    """The words of a question of an act's form: one name may mean another thing in each."""
    return words_of(form, name) or label_of(name)


def known(name: str) -> bool:
    """Whether a question has words of its own."""
    return name in _LABELS


_CHOICES = {
    "x": "X (Twitter)",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp",
    "cafcass": "Cafcass",
    "named_fca": "A named practitioner of Cafcass",
    "i_searched": "I searched for it",
    "unsure": "Not sure",
}


def choice(value: object) -> str:
    """An answer in plain words."""
    text = str(value)
    return _CHOICES.get(text) or _plain(text)


def _plain(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
