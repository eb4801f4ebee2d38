"""What a page says after an act, by the word that the redirection carries: nothing of the address reaches the page."""

from __future__ import annotations

from enrolment.records.filters import SAID

DONE = SAID
_SAID = {
    "cree": "La ligne est créée.",
    "modifie": "Les modifications sont enregistrées.",
    "restaure": "L'ancienne valeur est restaurée.",
    "desactive": "La ligne est désactivée : elle reste dans l'historique et dans les dossiers, et ne sert plus.",
    "supprime": "La ligne est supprimée.",
    "supprimes": "Les lignes sont supprimées.",
    "pris": "Ce dossier est à vous.",
    "rendu": "Le dossier est rendu à la file d'attente.",
    "file-vide": "Aucun dossier n'attend de gestionnaire.",
    "examine": "Votre avis sur la pièce est enregistré.",
    "signale": "Les données à corriger sont enregistrées.",
    "modele-en-place": "Le modèle est en place : les fournisseurs le téléchargent dès maintenant.",
    "modele-retire": "Ce modèle n'est plus proposé.",
    "mail-renvoye": "Le courriel est remis en file : il part dans un instant.",
    "mail-retenu": "Le courriel ne partira pas.",
    "decide-bientot": "La décision est prise. Ni elle ni son mail ne partent encore : vous pouvez l'annuler.",
    "annule": "L'envoi est annulé : rien n'est parti. Votre texte est repris ci-dessous.",
    "confie": "Le dossier est confié à votre collègue.",
    "note": "La note est enregistrée.",
    "note-retiree": "La note est retirée.",
    "controle": "Les contrôles sont relancés.",
    "repare": "C'est réparé : ce qui reste en cause, s'il en reste, est ci-dessous.",
    "deja-repare": "Rien n'était plus à réparer.",
    "programme": "Le changement est programmé : il se fera tout seul à la date choisie.",
    "programme-annule": "Le changement programmé est annulé.",
    "programme-fait": "Le changement est appliqué.",
    "action-lancee": "L'action est lancée.",
    "action-pause": "L'action est en pause : les demandes restantes attendent.",
    "action-reprise": "L'action reprend.",
    "action-annulee": "L'action est annulée : ce qui restait ne sera pas fait.",
    "correction-approuvee": "La correction est approuvée : elle peut être appliquée.",
    "correction-lancee": "La correction est lancée. Vous pouvez quitter cette page : le travail continue.",
    "correction-pause": "La correction est en pause : les lignes restantes attendent.",
    "correction-reprise": "La correction reprend là où elle s'était arrêtée.",
    "correction-abandonnee": "La correction est abandonnée : ce qui restait ne sera pas fait.",
    "correction-retour": "L'annulation est demandée : rien n'est changé avant que vous l'appliquiez.",
    "correction-refaire": "La correction est à refaire : rien n'est changé avant que vous l'appliquiez.",
    "vue-enregistree": "La vue est enregistrée.",
    "vue-supprimee": "La vue est supprimée.",
    "mot-de-passe": "Votre mot de passe est changé. Vos autres navigateurs sont déconnectés.",
    "second-facteur": "Votre second facteur est en place : un code vous sera demandé à chaque connexion.",
    "codes-de-secours": "Vos nouveaux codes de secours sont créés.",
    "mot-de-passe-choisi": "Votre mot de passe est enregistré. Connectez-vous avec lui.",
    "agent-ajoute": "L'agent est ajouté. Il lui reste à recevoir un lien pour choisir son mot de passe.",
    "agent-invite": "L'agent est ajouté : le lien pour choisir son mot de passe lui est envoyé par mail.",
    "lien-envoye": "Le lien pour choisir son mot de passe lui est envoyé par mail.",
    "lien-annule": "Le lien ne vaut plus rien.",
    "second-facteur-retire": "Votre second facteur est retiré : votre mot de passe suffit désormais.",
    "session-fermee": "La session est fermée.",
    "autres-fermees": "Vos autres sessions sont fermées.",
    "sessions-fermees": "Les sessions sont fermées.",
    "agent-desactive": "L'agent est désactivé et ses sessions sont fermées.",
    "agent-reactive": "L'agent peut de nouveau se connecter.",
    "facteur-retire": "Le second facteur est retiré et les sessions de l'agent sont fermées.",
    "droits": "Les droits du rôle sont enregistrés : ils valent dès maintenant.",
    "decide": "La décision est prise et son mail est en route.",
}


def said(word: str) -> str | None:
    """The sentence behind a word; None for any other word."""
    return _SAID.get(word)
