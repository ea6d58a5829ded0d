namespace Caliper.Engine.Values;

/// <summary>A tensor of bytes and what they stand for: what an operation reads.</summary>
/// <param name="Value">The bytes.</param>
/// <param name="Scale">What each of them stands for.</param>
internal readonly record struct ByteOperand(EngineValue Value, ByteScale Scale);

/// <summary>A tensor of bytes that an operation writes.</summary>
/// <param name="Value">The bytes.</param>
/// <param name="Scale">What each of them stands for.</param>
/// <param name="Range">Bounds, those of a Relu or Clip after the operation.</param>
internal readonly record struct ByteResult(EngineValue Value, ByteScale Scale, ByteRange Range);
