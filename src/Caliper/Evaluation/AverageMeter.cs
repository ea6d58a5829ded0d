using System.Globalization;
using System.Text;

namespace Caliper.Evaluation;

/// <summary>Computes and stores the average and the current value, as the class of that name in the PyTorch examples.</summary>
public sealed class AverageMeter
{
    private readonly CompositeFormat _format;

    /// <summary>Creates an empty meter.</summary>
    /// <param name="name">What is measured, such as <c>Acc@1</c>.</param>
    /// <param name="format">How a value is written: a composite format of one argument. The default is the tutorial's
    /// <c>:6.2f</c>.</param>
    public AverageMeter(string name, string format = "{0,6:F2}") => (Name, _format) = (name, CompositeFormat.Parse(format));

    /// <summary>What is measured.</summary>
    public string Name { get; }

    /// <summary>The latest value.</summary>
    public double Val { get; private set; }

    /// <summary>Sum of all values, each times its weight.</summary>
    public double Sum { get; private set; }

    /// <summary>Sum of the weights: the number of samples.</summary>
    public long Count { get; private set; }

    /// <summary>The weighted mean of all values; 0 before the first.</summary>
    public double Avg => Count == 0 ? 0 : Sum / Count;

    /// <summary>Takes a value in.</summary>
    /// <param name="val">The mean over a batch.</param>
    /// <param name="n">Number of samples it is the mean of.</param>
    public void Update(double val, int n = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        Val = val;
        Sum += val * n;
        Count += n;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => (Val, Sum, Count) = (0, 0, 0);

    /// <summary>Name, latest value and, in parentheses, the average: <c>Acc@1  81.70 ( 81.70)</c>.</summary>
    public override string ToString()
    {
        var invariant = CultureInfo.InvariantCulture;
        return $"{Name} {string.Format(invariant, _format, Val)} ({string.Format(invariant, _format, Avg)})";
    }
}
