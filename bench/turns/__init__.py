"""What ``bench.conversation`` measures: turn ends, interruptions, understanding, silences."""
