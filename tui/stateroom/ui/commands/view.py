"""Commands that change only the view: filter, marks, folds, the log, copies."""

# Every command gets deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from stateroom.ui.commands.base import Command
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck

_WITH_ROWS = frozenset({Pane.RESOURCES, Pane.DIFF})


class FilterCommand(Command):
    """Type a filter."""

    name, label, key = "filter", "filter", "slash"
    help = "Show only resources that match: words, a status letter (~ ! x + - ?), status:drift, type:Function."
    group = "Find"
    panes = frozenset({Pane.SERVICES, Pane.RESOURCES})

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the filter line."""
        deck.selection.open_filter()


class SelectCommand(Command):
    """Mark a resource."""

    name, label, key = "select", "mark", "space"
    help = "Mark the resource as a target, or take its mark away; commands of this pane then work on the marked ones."
    group = "Find"
    panes = frozenset({Pane.RESOURCES})

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it in the Resources pane only."""
        return None if context.pane is Pane.RESOURCES else "marks are for the Resources pane"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Mark the resource and go to the next."""
        deck.selection.mark()


class SelectAllCommand(SelectCommand):
    """Mark all resources in view."""

    name, label, key = "select_all", "all", "ctrl+a"
    footer = False
    help = "Mark every resource that the filter shows; again to take the marks away."

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Mark all resources."""
        deck.selection.mark_all()


class ClearCommand(Command):
    """Drop filter and marks."""

    name, label, key = "clear", "clear", "c"
    help = "Take away the filter and all marks."
    footer = False
    group = "Find"
    panes = frozenset({Pane.RESOURCES})

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it when there is something to clear."""
        return None if context.filtered or context.has_marks else "no filter and no marks"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Clear filter and marks."""
        deck.selection.clear()


class NextCommand(Command):
    """Go to the next difference."""

    name, label, key = "next", "next", "n"
    help = "To the next resource or attribute that is not in step."
    group = "Find"
    panes = _WITH_ROWS

    def applies(self, context: CommandContext) -> bool:
        """Tell whether anything is compared."""
        return not (context.info and context.info.deployer)

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it where something is compared."""
        return None if self.applies(context) else "nothing is compared here"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Go down."""
        deck.selection.next_difference(1)


class PreviousCommand(NextCommand):
    """Go to the previous difference."""

    name, label, key = "previous", "previous", "N"
    help = "To the previous resource or attribute that is not in step."
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Go up."""
        deck.selection.next_difference(-1)


class OpenCommand(Command):
    """Open what is under the cursor."""

    name, label, key = "open", "open", "enter"
    help = "Open what is under the cursor: a service's resources, a resource's diff, a whole value, a version."
    group = "Look"
    panes = frozenset({Pane.VERSIONS, Pane.DIFF})

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the row."""
        deck.panes.choose()


class UnfoldCommand(Command):
    """Show or hide what the diff folds away."""

    name, label, key = "unfold", "unfold", "e"
    help = "Show or fold what is in step and what the config does not manage."
    group = "Look"
    panes = frozenset({Pane.DIFF})

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Toggle the fold."""
        deck.panes.unfold_diff()


class FoldCommand(Command):
    """Fold or open a component."""

    name, label, key = "fold", "fold", "minus"
    help = "Fold or open the component under the cursor, in states of SST. Left folds too, right opens."
    group = "Look"
    panes = frozenset({Pane.RESOURCES})

    def applies(self, context: CommandContext) -> bool:
        """Tell whether there are components."""
        return context.tree

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it where there are components, and no filter that opens them all."""
        if not context.tree:
            return "there are no components here"
        return "the filter opens everything" if context.filtered else None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Toggle the fold."""
        deck.selection.fold()


class FoldAllCommand(FoldCommand):
    """Fold or open all components."""

    name, label, key = "fold_all", "fold all", "equals_sign"
    help = "Fold all components, or open all of them."

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Toggle all folds."""
        deck.selection.fold_all()


class RereadCommand(Command):
    """Read everything again."""

    name, label, key = "reread", "read again", "ctrl+r"
    help = "Read the files, the state and the cloud again. Changes nothing."
    group = "Look"

    def disabled(self, context: CommandContext) -> str | None:
        """Refuse it before the project is open, and while an operation runs."""
        if context.info is None:
            return "the project is still opening"
        return f"{context.running} is running" if context.running else None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Start a survey."""
        deck.survey.reread()


class ActivityCommand(Command):
    """Show or hide the log."""

    name, label, key = "activity", "log", "l"
    help = "Show or hide what operations did."
    group = "Look"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Toggle the activity pane."""
        deck.panes.toggle_activity()


class CopyCommand(Command):
    """Copy as text."""

    name, label, key = "copy", "copy", "y"
    help = "Copy the row and its differences as text (OSC 52; secrets stay masked)."
    group = "Look"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Copy the text."""
        deck.clipboard.copy()


class SaveCommand(Command):
    """Write as text."""

    name, label, key = "save", "save", "Y"
    help = "Write the same text to a file in the current directory, for terminals that cannot copy."
    group = "Look"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Write the file."""
        deck.clipboard.save()
