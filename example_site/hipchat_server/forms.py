"""The form of the faults page."""

from __future__ import annotations

from django import forms

from .faults import LONGEST_WAIT, WORDS, Fault


class FaultForm(forms.Form):
    """One fault to switch on."""

    kind = forms.ChoiceField(label="What happens", choices=list(WORDS.items()))
    times = forms.IntegerField(
        label="For the next requests",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="Empty: until cleared.",
    )
    retry_after = forms.IntegerField(
        label="Retry-After, in seconds",
        min_value=0,
        max_value=LONGEST_WAIT,
        initial=30,
        help_text="For 429.",
    )
    seconds = forms.FloatField(
        label="Seconds to wait",
        min_value=0,
        max_value=LONGEST_WAIT,
        initial=10,
        help_text="For a late answer.",
    )
    room = forms.CharField(
        label="Only in this room",
        required=False,
        max_length=100,
        help_text="Id or name. Empty: in all.",
        widget=forms.TextInput(attrs={"list": "known-rooms", "autocomplete": "off"}),
    )

    def fault(self) -> Fault:
        """Return the fault that was chosen."""
        chosen = self.cleaned_data
        return Fault(
            chosen["kind"],
            times=chosen["times"],
            retry_after=chosen["retry_after"],
            seconds=chosen["seconds"],
            room=chosen["room"] or None,
        )
