"""Neural voices that a CPU speaks with: Piper and Kokoro as ONNX files, run by onnxruntime.

What they say is pronounced by espeak-ng in its own process (:mod:`tts.espeak`); none of its code
is loaded here, nor any of Piper's or Kokoro's: only the files that their users download.
"""
