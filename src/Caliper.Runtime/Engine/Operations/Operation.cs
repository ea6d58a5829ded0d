using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Operations;

/// <summary>One operation of the engine's graph. The planner decides where its operands lie and then asks for its step.</summary>
internal abstract class Operation(string name, EngineValue[] inputs, params EngineValue[] outputs)
{
    /// <summary>The node of the ONNX file that it comes from.</summary>
    public string Name { get; } = name;

    /// <summary>What it reads; passes over the graph replace entries.</summary>
    public EngineValue[] Inputs { get; set; } = inputs;

    /// <summary>What it writes.</summary>
    public EngineValue[] Outputs { get; } = outputs;

    /// <summary>The first output.</summary>
    public EngineValue Output { get => Outputs[0]; set => Outputs[0] = value; }

    /// <summary>How its operands must lie in memory.</summary>
    public abstract LayoutNeed Needs { get; }

    /// <summary>The border it reads around an input, or null.</summary>
    public virtual Border? BorderAround(int input) => null;

    /// <summary>Whether it may read a little past the last byte of an input, in whole vectors, as memory of the engine's own allows.</summary>
    public virtual bool ReadsAfter(int input) => false;

    /// <summary>The same operation with its output cut off at some bytes, or false where it cannot do that.</summary>
    public virtual bool TryClamp(ByteRange range) => false;

    /// <summary>Cuts its output off at some floats, or false where it cannot do that.</summary>
    public virtual bool TryBound(FloatBounds bounds) => false;

    /// <summary>The step that does it, all layouts being known; null where nothing is left to do.</summary>
    public abstract Step? CreateStep(StepFactory factory);

    /// <summary>Bytes that its operands take.</summary>
    protected long OperandBytes() =>
        Inputs.Concat(Outputs).Sum(v => (long)v.Count * v.ElementSize);
}

/// <summary>How the operands of an operation must lie in memory.</summary>
internal enum LayoutNeed
{
    /// <summary>However they are.</summary>
    Any,

    /// <summary>All in the same order, whichever; what is different works but is slow.</summary>
    Same,

    /// <summary>Pixels one after the other, channels innermost (NHWC).</summary>
    ChannelsLast,

    /// <summary>In ONNX order without gaps.</summary>
    Dense,
}

/// <summary>A border around the pixels of an image.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Pixels to the left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Pixels to the right.</param>
/// <param name="Value">The byte in it.</param>
internal readonly record struct Border(int Top, int Left, int Bottom, int Right, byte Value)
{
    /// <summary>Whether there is no border.</summary>
    public bool IsEmpty => Top == 0 && Left == 0 && Bottom == 0 && Right == 0;

    /// <summary>Whether another border has room in it, of the same bytes.</summary>
    public bool Covers(Border other) => Top >= other.Top && Left >= other.Left && Bottom >= other.Bottom && Right >= other.Right
        && Value == other.Value;

    /// <summary>The border that has room for both.</summary>
    public Border Union(Border other) => new(Math.Max(Top, other.Top), Math.Max(Left, other.Left),
        Math.Max(Bottom, other.Bottom), Math.Max(Right, other.Right), Value);
}
