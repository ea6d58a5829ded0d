namespace Caliper.Statistics;

/// <summary>What the values of one channel in one sample amount to.</summary>
internal struct ChannelScan()
{
    public float Min = float.PositiveInfinity;
    public float Max = float.NegativeInfinity;
    public double Sum;
    public double SumOfSquares;
    public int Zeros;
    public int Count;

    /// <summary>Takes in a finite value.</summary>
    public void Add(float value)
    {
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        Zeros += value == 0 ? 1 : 0;
        Count++;
        Sum += value;
        SumOfSquares += (double)value * value;
    }

    /// <summary>Takes in some finite values.</summary>
    public void Add(float min, float max, double sum, double sumOfSquares, int zeros, int count)
    {
        if (min < Min) Min = min;
        if (max > Max) Max = max;
        Sum += sum;
        SumOfSquares += sumOfSquares;
        Zeros += zeros;
        Count += count;
    }

    // Which of 0 and -0 a vector's minimum returns is the processor's choice; adding 0 makes both 0.
    public void NormalizeZero() => (Min, Max) = (Min + 0f, Max + 0f);
}
