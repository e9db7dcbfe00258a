"""Former names of settings as flags."""

from sicgrid.cli._former import present_words


def test_former_flags_are_the_present_ones_and_others_stay():
    words = ["quick", "--model.initialisation", "default", "--analysis.modules.least=4", "--no-such_thing", "-h"]
    assert present_words(words) == [
        *("quick", "--model.initialization", "default", "--analysis.modules.min-units=4", "--no-such_thing", "-h"),
    ]
    assert present_words(["--analysis.generalisation.jerky-steps", "20"])[0] == "--analysis.generalization.jerky-steps"
