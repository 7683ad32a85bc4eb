"""The settings: company, people, rights, numbers, audit. Only who may administer gets in."""
